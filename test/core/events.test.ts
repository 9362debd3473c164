import { createEventHub, emitWithNotices, type Emit, type EventName } from '../../lib/core/events';

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

const FAULT = { ...FACTS, code: 'delivery_failed' };
const SECRETIVE = new Error('of +12065550142');

test.each([
  [
    'store_failed',
    { error: new Error('enrollments.get failed: no row of +12065550142') },
    'shut: enrollments.get.',
  ],
  ['store_failed', { error: SECRETIVE }, 'A store failed, and the gate stayed shut.'],
  [
    'send_refused',
    { ...FAULT, reason: 'credentials_rejected' },
    'could not be sent: credentials_rejected.',
  ],
  ['send_refused', FAULT, 'A text could not be sent.'],
  ['send_refused', { ...FACTS, code: 'send_refused', error: SECRETIVE }, 'beforeSend failed.'],
] as [EventName, object, string][])(
  '%s, what the operator has to mend, is said once where nobody listens: %j',
  (name, facts, says) => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const hub = createEventHub();
    hub.emit(name, facts as never);
    hub.emit(name, facts as never);
    const said = warn.mock.calls.map(([words]) => String(words));
    warn.mockClear();
    const heard = createEventHub();
    heard.on(name, () => undefined);
    heard.emit(name, facts as never);
    const toListeners = warn.mock.calls.length;
    warn.mockRestore();
    expect(said).toEqual([expect.stringContaining(says)]);
    expect(said[0]).toContain(`secondFactor.on('${name}', console.error)`);
    expect(said[0]).not.toMatch(/\d{4}/);
    expect(toListeners).toBe(0);
  },
);

test('what a user does is no warning', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  const { emit } = createEventHub();
  emit('send_refused', { ...FAULT, reason: 'to_rejected' } as never);
  emit('send_refused', { ...FACTS, code: 'send_limit_reached' } as never);
  emit('failed', { ...FACTS, attemptsLeft: 4 });
  const { calls } = warn.mock;
  warn.mockRestore();
  expect(calls).toEqual([]);
});
