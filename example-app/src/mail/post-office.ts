import type { Users } from '../accounts/users';
import type { Letter, Mailer } from './mailer';

/** Mails users in the background: whether a mail goes out changes nothing for anybody's request. */
export interface PostOffice {
  /** Where the user has no address, nothing is sent. */
  toUser(userId: string, letter: Letter): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

export function createPostOffice(
  users: Users,
  mailer: Mailer,
  log: (problem: unknown) => void,
): PostOffice {
  const underWay = new Set<Promise<void>>();
  async function send(userId: string, letter: Letter): Promise<void> {
    try {
      const to = users.emailOf(userId);
      if (to !== undefined) await mailer.send({ ...letter, to });
    } catch (error) {
      log(`A mail could not be sent (${reason(error)}).`);
    }
  }
  return {
    toUser(userId, letter) {
      const sending = send(userId, letter).finally(() => underWay.delete(sending));
      underWay.add(sending);
    },
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
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
