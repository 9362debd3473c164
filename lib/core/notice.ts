import type { Purpose } from './challenge/challenge';
import type { PublicDevice } from './devices/device-token';
import type { Emit } from './events';

/** Happenings that the user should be told of at an address of their own, not in this session. */
const ACTIONS = [
  'enrolled',
  'replaced',
  'removed',
  'locked',
  'disabled',
  'unlocked',
  'reset',
  'revoked',
  'reported',
  'recovery_used',
  'recovery_codes_replaced',
  'device_trusted',
  'device_revoked',
] as const;

export type NoticeAction = (typeof ACTIONS)[number];

/**
 * One thing that happened to a user's second factor, with all that a mail about it needs
 * (NIST SP 800-63B-4 §4.1.2.1 and §4.6; ASVS 6.3.7). The app knows the address. On `replaced` it
 * should also use what it has beside the new phone: whoever took the account over holds that one.
 */
export interface Notice {
  action: NoticeAction;
  /** Milliseconds since the epoch. */
  at: number;
  userId: string;
  ip?: string | undefined;
  /** Masked to the last two digits. */
  phone?: string;
  /** On `replaced`: the number before, masked. */
  previousPhone?: string;
  /** On `locked` and `disabled`: `recovery` where it was about recovery codes. */
  method?: 'recovery';
  purpose?: Purpose;
  /** On `locked`: when the lock ends. */
  until?: number;
  /** What a support desk did: who there. */
  operator?: string;
  device?: PublicDevice;
  /** On `device_revoked`: `reused` means that a copy of its token was used. */
  reason?: 'user' | 'reused';
  recoveryCodesLeft?: number;
  /** On `reported`: whether the code had been used before. */
  codeUsed?: boolean;
}

/** Emits every event as it is, and the notice that it gives rise to. */
export function emitWithNotices(emit: Emit): Emit {
  return (name, facts) => {
    emit(name, facts);
    const action = ACTIONS.find((each) => each === name);
    if (action !== undefined) emit('notice', { action, ...(facts as Omit<Notice, 'action'>) });
  };
}
