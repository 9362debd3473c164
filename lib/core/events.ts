import type { CarrierReport, DeliveryFailureReason } from '../errors';
import type { DeliveryReport, SmsReceipt } from '../ports/senders';
import type { Purpose, RefusalCode } from './outcomes';

/** What every event carries. Never a code, a session id or a full phone number. */
export interface EventFacts {
  /** Milliseconds since the epoch, by the library's clock. */
  at: number;
  userId: string;
  /** The IP address as the app's `trust proxy` vouches for it. */
  ip?: string | undefined;
  purpose?: Purpose;
  /** Masked to the last two digits. */
  phone?: string;
  /** Of the number (ISO 3166, two letters), where the carrier was called. */
  country?: string;
}

/** What others may know of a device: lists, events and mails. The id itself stands in the cookie. */
export interface PublicDevice {
  id: string;
  name: string;
}

interface DeviceFacts {
  device: PublicDevice;
}

/** What is known of the texts to this account that NO may be about. */
interface ReportFacts {
  /** When the newest of the account's texts to this phone went out. */
  textedAt: number;
  /** No other account texted the phone later, so NO is about this text. */
  newest: boolean;
  /**
   * The code in it had come back before. With `newest` the session that it opened is ended, and the
   * trust in browsers that was given since. Without, nothing verified is: ask the user.
   */
  codeUsed: boolean;
  /** So had the code of an earlier text of the hour, in another session; that goes on. */
  earlierCodeUsed: boolean;
}

/** Every event with what it carries. */
export interface SecondFactorEvents {
  /** The carrier took a text. `price` (US dollars) and `segments` where it says them at once. */
  sent: EventFacts & Pick<SmsReceipt, 'price' | 'segments'> & { sends: number; receipt?: string };
  /**
   * A text got on, or was lost, as the carrier says, with its word, code and description where it gave
   * them; telemetry, which anybody could forge.
   */
  delivery: EventFacts & DeliveryReport & { receipt: string };
  /**
   * The owner of the phone answered NO. Told of each account that texted it within the hour, the one
   * with the newest text first: that is the one they mean, if they mean the text they read last.
   * Codes that had not come back are dead, and the sessions that asked for them are ended.
   */
  reported: EventFacts & ReportFacts;
  /** A text was not sent, or nobody knows: a limit, the app's hook, the carrier or a store. */
  send_refused: EventFacts & {
    code: RefusalCode;
    budget?: string | undefined;
    reason?: DeliveryFailureReason | undefined;
    /** What the carrier said, and what to do about it; nothing of it is for users. */
    carrier?: CarrierReport | undefined;
    /** What the app's own `beforeSend` threw. */
    error?: unknown;
  };
  /** A right code opened the gate; with the purpose `reset` it let a password be changed, and opened nothing. */
  verified: EventFacts;
  /** A session got another id, which the option `onRotate` is told. */
  session_rotated: EventFacts;
  /**
   * A wrong code. With `method: 'recovery'` a wrong recovery code: `attemptsLeft` are those of this
   * session and address for now, and no lock follows.
   */
  failed: EventFacts & { method?: 'recovery'; attemptsLeft: number };
  /** The last failure of a level began a lock. */
  locked: EventFacts & { until: number };
  /**
   * The hard stop: no texted code is taken until the phone is enrolled anew, or `admin.reset` or
   * `admin.unlock`. Recovery codes are.
   */
  disabled: EventFacts;
  /** A first phone was confirmed. */
  enrolled: EventFacts;
  /** Another phone was confirmed in place of the old one. */
  replaced: EventFacts & { previousPhone: string };
  /** The factor was removed. */
  removed: EventFacts;
  /** A recovery code opened the gate. */
  recovery_used: EventFacts & { recoveryCodesLeft: number };
  /** A new set of recovery codes was made; the older ones are good until it is kept. */
  recovery_codes_replaced: EventFacts;
  /** A browser may pass without a code from now on. */
  device_trusted: EventFacts & DeviceFacts;
  /** A trusted browser passed without a code. */
  device_used: EventFacts & DeviceFacts;
  /** It may no longer: the user has said so. */
  device_revoked: EventFacts & DeviceFacts & { reason: 'user' };
  /**
   * Somebody who had signed in showed a copy of its token: it may no longer, and a code was asked for
   * there. Nothing else has ended. `endedAt`: the trust in it had been ended before, at that time.
   */
  device_copied: EventFacts & DeviceFacts & { endedAt?: number };
  /** What the user should be told elsewhere, such as by mail (NIST SP 800-63B-4 §4.6). */
  notice: Notice;
  /**
   * Codes to new numbers of a country or number block are not entered. `limit`: how many of an hour may
   * be. `step`: `near` at 80 %; at the `first` whoever has an unanswered text of the day is refused
   * there; at the `second`, three times as many, everybody is; `over` when it has passed.
   */
  conversion_low: EventFacts & {
    budget: string;
    country: string;
    limit: number;
    step: 'near' | 'first' | 'second' | 'over';
  };
  /**
   * All texts of the day to this user or their phone were asked for, by somebody who has the password,
   * by another account with this phone, or by the user.
   */
  texts_used_up: EventFacts;
  /** The carrier says that the owner of the number answered STOP. */
  opted_out: EventFacts;
  /** A support desk ended a lock or the hard stop, removed the factor, or ended all sessions. */
  unlocked: Pick<EventFacts, 'at' | 'userId'> & { operator: string };
  reset: Pick<EventFacts, 'at' | 'userId'> & { operator: string };
  revoked: Pick<EventFacts, 'at' | 'userId'> & { operator: string };
  /** 80 % of a budget over all texts is used, and once more when all of it is. */
  budget_alert: EventFacts & { budget: string; count: number; limit: number };
  /**
   * A call to a store failed; a request may have several. The gate stayed shut, but where express-session
   * writes a session at the end of an answer: that may be of somebody who passed.
   */
  store_failed: Pick<EventFacts, 'at' | 'ip'> & { error: unknown };
}

export type EventName = keyof SecondFactorEvents;

export type Emit = <Name extends EventName>(name: Name, facts: SecondFactorEvents[Name]) => void;

export type Listener<Name extends EventName> = (facts: SecondFactorEvents[Name]) => unknown;

/** Happenings that the user should be told of at an address of their own, not in this session. */
export const ACTIONS = [
  'enrolled',
  'replaced',
  'removed',
  'locked',
  'disabled',
  'unlocked',
  'reset',
  'revoked',
  'reported',
  'texts_used_up',
  'recovery_used',
  'recovery_codes_replaced',
  'device_trusted',
  'device_revoked',
  'device_copied',
] as const;

/** `many_wrong_codes` has no event of its own: each of them was the event `failed`. */
export type NoticeAction = (typeof ACTIONS)[number] | 'many_wrong_codes';

/**
 * One thing that happened to a user's second factor, with all that a mail about it needs
 * (NIST SP 800-63B-4 §4.1.2.1 and §4.6; ASVS 6.3.7). The app knows the address. On `replaced` it
 * should also use what it has beside the new phone: whoever took the account over holds that one.
 */
export interface Notice extends Partial<ReportFacts> {
  action: NoticeAction;
  /** Milliseconds since the epoch. */
  at: number;
  userId: string;
  ip?: string | undefined;
  /** Masked to the last two digits. */
  phone?: string;
  /** On `replaced`: the number before, masked. */
  previousPhone?: string;
  purpose?: Purpose;
  /** On `locked`: when the lock ends. */
  until?: number;
  /** What a support desk did: who there. */
  operator?: string;
  device?: PublicDevice;
  /** On `device_revoked`. */
  reason?: 'user';
  /** On `device_copied`: when the trust in that device had been ended, where it had. */
  endedAt?: number;
  recoveryCodesLeft?: number;
  /** On `many_wrong_codes`: how many, and since when; milliseconds since the epoch. */
  wrongCodes?: number;
  since?: number;
}
