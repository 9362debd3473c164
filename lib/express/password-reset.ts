import type { IncomingMessage } from 'node:http';
import { accountEpoch, type AccountState } from '../core/account';
import { typedCode } from '../core/challenge/code';
import type { Core, Requester } from '../core/core';
import { eventFacts } from '../core/emit';
import { refuse, type Outcome, type Problem } from '../core/outcomes';
import { readEnrollment } from '../core/read-enrollment';
import { sendToFactor, type SentCode } from '../core/send/send-code';
import { own } from '../core/untrusted';
import { verifyCode } from '../core/verify/verify-code';
import { hiddenMisuse, inCall, misuse, refuseUnknown } from '../misuse';
import { addressOf, type HttpRequest, languageOf } from './http';
import { tellWithoutAddress } from './trust-proxy';
import type { Edge } from './edge';
import { countMalformed } from './post';
import { problemOf } from './problems';
import { isKnownBrowser } from './requester';
import { brokenRefusal } from './respond';
import { sentDocument, type ChallengeDocument } from './status';

/** One password reset of an app, and the request that goes on with it. */
export interface PasswordReset {
  /** Whose password it is, as the option `userId` gives it. */
  userId: string | number | bigint;
  /** The secret of the link that the app mailed, and has just found good; 16 characters or more. */
  token: string;
  /** For the address of the client and the language; nobody has to be signed in, and no session be there. */
  req: IncomingMessage;
}

/** The code of a reset, without a digit of where it went. */
export type ResetChallenge = Pick<
  ChallengeDocument,
  'codeLength' | 'sentAt' | 'expiresAt' | 'resendAt' | 'attemptsLeft'
>;

/** What became of it; `problem` may be answered as it is, with its `status`. */
export type ResetAnswer<T extends object> = ({ ok: true } & T) | { ok: false; problem: Problem };

/** The second factor within a password reset: signs nobody in and verifies no session. */
export interface PasswordResets {
  /**
   * Texts a code to the phone of this user, or the same one again; one for `token` alone. For a user
   * without a factor the answer is the same, and nothing is sent: no code will be right. Rejects with a
   * `TypeError` for what is not a reset, and with `misconfigured`.
   */
  send(reset: PasswordReset): Promise<ResetAnswer<{ challenge: ResetChallenge }>>;
  /**
   * Whether `code` is the one that was sent for this token. Right once: then the password may be changed,
   * in this request. Limits and locks are those of a sign-in, and counted together with it. Rejects as `send` does.
   */
  verify(reset: PasswordReset & { code: unknown }): Promise<ResetAnswer<object>>;
}

/** Fewer could be guessed. */
const SHORTEST_TOKEN = 16;

export function passwordResets(edge: Edge): PasswordResets {
  return {
    send: (reset) =>
      answered(edge, 'send', reset, async ({ core, who, account }) => {
        const sent = await sendToFactor(core, who, account.state, 'reset', account.channel);
        return sent.ok ? { ok: true, challenge: shown(core, sent) } : sent;
      }),
    verify: (reset) =>
      answered(edge, 'verify', reset, async ({ core, who, account }) => {
        const read = typedCode(own(reset, 'code'), core.limits.codeLength);
        if (!read.ok) return read;
        // Counted as a guess, and right for nobody.
        const code = account.isDecoy ? '' : read.code;
        const verified = await verifyCode(core, who, 'reset', code, account.state);
        if (!verified.ok) return verified;
        const { phone, purpose } = verified.challenge;
        core.emit('verified', eventFacts(core, who, { phone, purpose }));
        return { ok: true };
      }),
  };
}

interface Asked {
  core: Core;
  who: Requester;
  account: { state: AccountState; isDecoy: boolean; channel?: 'email' };
}

async function answered<T extends object>(
  edge: Edge,
  verb: 'send' | 'verify',
  reset: PasswordReset,
  act: (asked: Asked) => Promise<Outcome<T>>,
): Promise<ResetAnswer<T>> {
  const who = resetterOf(edge, verb, reset);
  const req = reset.req as HttpRequest;
  if (who.address === undefined) tellWithoutAddress(edge, req);
  const asking = async (): Promise<Outcome<T>> =>
    countMalformed(edge.core, who, await act(await askedBy(edge, who)));
  const outcome = await asking().catch((error: unknown) => brokenRefusal(edge, req, error));
  if (outcome.ok) return outcome;
  // The reset was passed already, or its owner answered NO: there is no session that could have ended.
  const refusal = outcome.code === 'not_authenticated' ? refuse('challenge_expired') : outcome;
  return { ok: false, problem: problemOf(refusal, languageOf(edge, req)) };
}

/** Whoever has the token stands where a session does: a keyed digest of it, so that no store holds it. */
function resetterOf(edge: Edge, verb: string, reset: PasswordReset): Requester {
  const { core } = edge;
  const naming = inCall(`reset.${verb}`);
  const names = ['userId', 'token', 'req', ...(verb === 'verify' ? ['code'] : [])];
  refuseUnknown(naming, reset, names, 'Give { userId, token, req }.');
  const { userId: id, token, req } = reset as { userId: unknown; token: unknown; req: HttpRequest };
  const isNumber = typeof id === 'bigint' || Number.isFinite(id);
  if (!isNumber && (typeof id !== 'string' || id === '')) {
    throw misuse(
      naming.one('userId'),
      id,
      'Give the id that the option userId gives of this user.',
    );
  }
  if (typeof token !== 'string' || token.length < SHORTEST_TOKEN) {
    const cure = `Give the secret of the link, ${SHORTEST_TOKEN} characters or more, once you have found it good.`;
    throw hiddenMisuse(naming.one('token'), token, cure);
  }
  if (typeof (req as HttpRequest | undefined)?.headers !== 'object') {
    throw misuse(naming.one('req'), req, 'Give the request.');
  }
  const userId = String(id);
  return {
    userId,
    user: undefined,
    request: req,
    // No id of a session looks like it.
    sessionId: `reset ${core.keyring.seal(`reset\0${userId}\0${token}`)}`,
    address: addressOf(req),
    say: () => languageOf(edge, req).sayText,
    lang: () => languageOf(edge, req).lang,
    known: () => isKnownBrowser(core, req, userId),
    // A new password ends the token, and that is the app's.
    credentialsEpoch: '',
  };
}

async function askedBy({ core, enrollments }: Edge, who: Requester): Promise<Asked> {
  const enrollment = readEnrollment(await enrollments.get(who.userId));
  const epoch = accountEpoch(core.keyring, enrollment, who.credentialsEpoch);
  if (enrollment !== undefined) {
    return { core, who, account: { state: { enrollment, epoch }, isDecoy: false } };
  }
  return decoyOf(core, who, epoch);
}

/**
 * A user without a factor meets the same waits, guesses and locks [S211]: counted apart, so that nothing of the
 * real account is locked or used up, told to nobody, and with a code that goes nowhere.
 */
function decoyOf(core: Core, who: Requester, epoch: string): Asked {
  const at = core.clock();
  // A budget of its own for each of them: nobody waits for another.
  const address = `${core.keyring.digest('nowhere', who.userId)}@nowhere.invalid`;
  const enrollment = { phone: address, confirmedAt: at, epoch, version: 1 };
  const nothing: Core = {
    ...core,
    limits: { ...core.limits, overall: [] },
    email: { sender: { send: () => Promise.resolve({}) }, address: () => address },
    enrollments: { get: () => undefined, set: () => false, delete: () => false },
    beforeSend: undefined,
    emit: () => undefined,
  };
  return {
    core: nothing,
    who: { ...who, userId: `without a factor ${who.userId}` },
    account: { state: { enrollment, epoch }, isDecoy: true, channel: 'email' },
  };
}

/** Neither the phone nor what is left of a day: both would tell of an account that has a factor. */
function shown(core: Core, sent: SentCode): ResetChallenge {
  const { codeLength, sentAt, expiresAt, resendAt, attemptsLeft } = sentDocument(core, sent);
  return { codeLength, sentAt, expiresAt, resendAt, attemptsLeft };
}
