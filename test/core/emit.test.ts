import { emitWithNotices } from '../../lib/core/emit';
import type { Emit, EventName } from '../../lib/core/events';

const FACTS = { at: 1, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42', operator: 'Ann' };

/** What goes out when this happens. */
function emitted(name: EventName): [string, unknown][] {
  const out: [string, unknown][] = [];
  const emit: Emit = (each, facts) => out.push([each, facts]);
  emitWithNotices(emit)(name, FACTS as never);
  return out;
}

test.each<EventName>([
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
  'device_copied',
])('[S101] %s is told as an event and as one notice, with the same facts', (name) => {
  expect(emitted(name)).toEqual([
    [name, FACTS],
    ['notice', { action: name, ...FACTS }],
  ]);
});

test.each<EventName>([
  'sent',
  'delivery',
  'send_refused',
  'verified',
  'failed',
  'device_used',
  'conversion_low',
  'opted_out',
  'budget_alert',
  'store_failed',
  'notice',
])('[S101] %s is an event and no notice', (name) => {
  expect(emitted(name)).toEqual([[name, FACTS]]);
});
