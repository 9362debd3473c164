import type { Users } from '../accounts/users';
import { BANK } from '../pages/layout';
import { createAttemptLimit } from '../sign-in/attempt-limit';
import { happeningText, type Happening } from './letters';
import type { Mailer } from './mailer';
import { mergeHappenings, realSchedule, type Schedule } from './merge-happenings';

/** Mails users in the background: whether a mail goes out changes nothing for anybody's request. */
export interface PostOffice {
  /**
   * Sends a mail at once. Its text is written only if it goes out: nothing goes to a user without an
   * address, nor to a mailbox that had five of its subject within the hour.
   */
  send(userId: string, subject: string, write: () => string): void;
  /** Mails what happened, several of a kind within a minute together. */
  tell(userId: string, happening: Happening): void;
  /** Sends what is held back, and resolves when nothing is under way. */
  idle(): Promise<void>;
}

export interface PostOfficeDependencies {
  users: Users;
  mailer: Mailer;
  /** The bank's own; mails link there. */
  address: () => string;
  /** For a link that ends all sessions of a user; left out, no mail has one. */
  endToken?: (userId: string) => string | undefined;
  clock: () => number;
  schedule?: Schedule | undefined;
  log: (problem: unknown) => void;
}

/**
 * Nobody confirms an address at sign-up, so it may be a stranger's: the limit is the mailbox's, over
 * all users. One for each subject, so that many mails about one thing cannot keep another one out.
 */
const MAILS_PER_SUBJECT = 5;
const HOUR_MS = 60 * 60 * 1000;

export function createPostOffice(dependencies: PostOfficeDependencies): PostOffice {
  const { users, mailer, address, clock, schedule = realSchedule, log } = dependencies;
  const { endToken } = dependencies;
  const limit = createAttemptLimit(MAILS_PER_SUBJECT, HOUR_MS, clock);
  const underWay = new Set<Promise<void>>();

  async function mail(userId: string, subject: string, write: () => string): Promise<void> {
    try {
      const to = users.emailOf(userId);
      if (to === undefined) return;
      if (limit.count(`${mailboxOf(to)} ${subject}`) > 0) {
        log('A mail was held back: its mailbox had five of its subject within the hour.');
        return;
      }
      await mailer.send({ to, subject: `${BANK}: ${subject}`, text: write() });
    } catch (error) {
      log(`A mail could not be sent (${reason(error)}).`);
    }
  }

  function send(userId: string, subject: string, write: () => string): void {
    const sending = mail(userId, subject, write).finally(() => underWay.delete(sending));
    underWay.add(sending);
  }

  const happenings = mergeHappenings((userId, happening) => {
    send(userId, happening.subject, () =>
      happeningText(
        happening,
        address(),
        happening.offersEnd === true ? endToken?.(userId) : undefined,
      ),
    );
  }, schedule);

  return {
    send,
    tell: (userId, happening) => happenings.tell(userId, happening),
    async idle() {
      happenings.flush();
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

/** One mailbox for the spellings of its address: capitals, and what many servers take after a plus. */
function mailboxOf(email: string): string {
  return email.toLowerCase().replace(/\+[^@]*@/, '@');
}

/** Codes only: messages of mail servers quote addresses and sometimes the mail. */
function reason(error: unknown): string {
  const { code, responseCode, cause, name } = error as {
    code?: unknown;
    responseCode?: unknown;
    cause?: { code?: unknown };
    name?: unknown;
  };
  const codes = [code ?? cause?.code ?? name, responseCode];
  return codes.filter((each) => typeof each === 'string' || typeof each === 'number').join(' ');
}
