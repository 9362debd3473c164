import { count } from '../telemetry';
import type { Emit, EventName, SecondFactorEvents } from './events';

type Counts = { [Name in EventName]?: (facts: SecondFactorEvents[Name]) => void };

/** Hands every event on, and counts it where an OpenTelemetry SDK listens; see docs/metrics.md. */
export function emitWithMetrics(emit: Emit): Emit {
  return (name, facts) => {
    emit(name, facts);
    const told = COUNTS[name] as ((facts: SecondFactorEvents[typeof name]) => void) | undefined;
    told?.(facts);
  };
}

type Change = Extract<
  EventName,
  | 'enrolled'
  | 'replaced'
  | 'removed'
  | 'recovery_used'
  | 'recovery_codes_replaced'
  | 'device_trusted'
  | 'device_revoked'
  | 'unlocked'
  | 'reset'
  | 'revoked'
>;
type Warning = Extract<
  EventName,
  'reported' | 'texts_used_up' | 'opted_out' | 'device_copied' | 'store_failed'
>;

const changed = (change: Change) => (): void => count('sms2fa.changes', { change });
const warned = (warning: Warning) => (): void => count('sms2fa.warnings', { warning });

/** By mail it has no country. The number itself, masked too, is not looked at. */
function channelOf({ country }: { country?: string }): string {
  return country === undefined ? 'email' : 'sms';
}

/**
 * Of each event only words that the library itself has, and countries that are allowed: what a user, the
 * app or the carrier says freely is no label [S212].
 */
const COUNTS: Counts = {
  sent: (facts) => {
    const { purpose, country, price } = facts;
    const text = { channel: channelOf(facts), purpose, country };
    count('sms2fa.text.attempts', { ...text, outcome: 'accepted' });
    if (price !== undefined && price >= 0) count('sms2fa.text.cost', text, price);
  },
  send_refused: (facts) => {
    const { purpose, country, code, reason, budget, carrier } = facts;
    const called = reason !== undefined || carrier !== undefined || code === 'delivery_failed';
    if (!called) {
      count('sms2fa.refusals', { purpose, reason: code, budget });
      return;
    }
    const outcome = reason === 'unknown_outcome' ? 'unknown' : 'refused';
    const text = { channel: channelOf(facts), purpose, country, outcome };
    count('sms2fa.text.attempts', { ...text, 'error.type': reason ?? code });
  },
  delivery: ({ purpose, delivery }) => count('sms2fa.deliveries', { purpose, state: delivery }),
  verified: ({ purpose }) => count('sms2fa.verifications', { purpose, outcome: 'verified' }),
  device_used: () => count('sms2fa.verifications', { outcome: 'trusted_device' }),
  failed: ({ purpose, method = 'code' }) =>
    count('sms2fa.verifications', { purpose, outcome: 'wrong', method }),
  locked: ({ purpose }) => count('sms2fa.locks', { purpose, level: 'locked' }),
  disabled: ({ purpose }) => count('sms2fa.locks', { purpose, level: 'disabled' }),
  conversion_low: ({ budget, country, step }) =>
    count('sms2fa.conversion.changes', { budget, country, step }),
  budget_alert: ({ budget, count: used, limit }) =>
    count('sms2fa.budget.alerts', { budget, step: used >= limit ? 'full' : 'near' }),
  enrolled: changed('enrolled'),
  replaced: changed('replaced'),
  removed: changed('removed'),
  recovery_used: changed('recovery_used'),
  recovery_codes_replaced: changed('recovery_codes_replaced'),
  device_trusted: changed('device_trusted'),
  device_revoked: changed('device_revoked'),
  unlocked: changed('unlocked'),
  reset: changed('reset'),
  revoked: changed('revoked'),
  reported: warned('reported'),
  texts_used_up: warned('texts_used_up'),
  opted_out: warned('opted_out'),
  device_copied: warned('device_copied'),
  store_failed: warned('store_failed'),
};
