import { metrics, type Attributes } from '@opentelemetry/api';
import { createEventHub, emitWithMetrics, emitWithNotices } from '../../lib/core/emit';
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

describe('what is counted of an event where an SDK of OpenTelemetry listens', () => {
  /** Name, how much, and the words. */
  let added: [string, number, Attributes | undefined][];
  beforeEach(() => {
    added = [];
    const createCounter = (name: string) => ({
      add: (by: number, words?: Attributes) => added.push([name, by, words]),
    });
    const meter = { createCounter, createHistogram: () => ({ record: () => undefined }) };
    metrics.setGlobalMeterProvider({ getMeter: () => meter as never });
  });
  afterEach(() => metrics.disable());

  /** What is added, each name and word without the `sms2fa.` before it. */
  function countedOf(name: EventName, facts: object): [string, number, Attributes][] {
    const out: unknown[] = [];
    emitWithMetrics((...given) => out.push(given))(name, { ...FACTS, ...facts });
    expect(out).toEqual([[name, { ...FACTS, ...facts }]]);
    const bare = (word: string): string => word.replace('sms2fa.', '');
    return added.map(([metric, by, words = {}]) => [
      bare(metric),
      by,
      Object.fromEntries(Object.entries(words).map(([word, value]) => [bare(word), value])),
    ]);
  }

  const purpose = 'sign-in';
  const text = { purpose, country: 'US' };
  const bySms = { channel: 'sms', ...text };
  const error = (type: string): object => ({ 'error.type': type });

  test.each([
    ['a text', text, [['text.attempts', 1, { ...bySms, outcome: 'accepted' }]]],
    [
      'a mail',
      { purpose },
      [['text.attempts', 1, { channel: 'email', purpose, outcome: 'accepted' }]],
    ],
    [
      'a text with a price',
      { ...text, price: 0.5 },
      [
        ['text.attempts', 1, { ...bySms, outcome: 'accepted' }],
        ['text.cost', 0.5, bySms],
      ],
    ],
    [
      'a text that costs nothing',
      { ...text, price: 0 },
      [
        ['text.attempts', 1, { ...bySms, outcome: 'accepted' }],
        ['text.cost', 0, bySms],
      ],
    ],
    [
      'a text with a price below zero, which no counter takes',
      { ...text, price: -1 },
      [['text.attempts', 1, { ...bySms, outcome: 'accepted' }]],
    ],
  ])('%s that went out is an attempt', (_what, facts, counted) => {
    expect(countedOf('sent', facts)).toEqual(counted);
  });

  test.each([
    [{ code: 'resend_too_soon' }, ['refusals', 1, { purpose, reason: 'resend_too_soon' }]],
    [
      { code: 'send_limit', budget: 'user' },
      ['refusals', 1, { purpose, reason: 'send_limit', budget: 'user' }],
    ],
    [
      { code: 'delivery_failed' },
      ['text.attempts', 1, { ...bySms, outcome: 'refused', ...error('delivery_failed') }],
    ],
    [
      { code: 'delivery_failed', reason: 'from_rejected' },
      ['text.attempts', 1, { ...bySms, outcome: 'refused', ...error('from_rejected') }],
    ],
    [
      { code: 'delivery_failed', reason: 'unknown_outcome' },
      ['text.attempts', 1, { ...bySms, outcome: 'unknown', ...error('unknown_outcome') }],
    ],
    [
      { code: 'recipient_opted_out', reason: 'opted_out' },
      ['text.attempts', 1, { ...bySms, outcome: 'refused', ...error('opted_out') }],
    ],
    [
      { code: 'phone_invalid', carrier: { status: 422 } },
      ['text.attempts', 1, { ...bySms, outcome: 'refused', ...error('phone_invalid') }],
    ],
  ])(
    'a text with %j is a refusal of ours, or an attempt that the carrier refused',
    (facts, counted) => {
      expect(countedOf('send_refused', { ...text, ...facts })).toEqual([counted]);
    },
  );

  const budget = { budget: 'overall', limit: 10 };
  test.each<[EventName, object, unknown[]]>([
    ['delivery', { purpose, delivery: 'failed' }, ['deliveries', 1, { purpose, state: 'failed' }]],
    ['verified', { purpose }, ['verifications', 1, { purpose, outcome: 'verified' }]],
    ['device_used', {}, ['verifications', 1, { outcome: 'trusted_device' }]],
    ['failed', { purpose }, ['verifications', 1, { purpose, outcome: 'wrong', method: 'code' }]],
    [
      'failed',
      { purpose, method: 'recovery' },
      ['verifications', 1, { purpose, outcome: 'wrong', method: 'recovery' }],
    ],
    ['locked', { purpose }, ['locks', 1, { purpose, level: 'locked' }]],
    ['disabled', { purpose }, ['locks', 1, { purpose, level: 'disabled' }]],
    [
      'conversion_low',
      { budget: 'country', country: 'US', step: 'slowed' },
      ['conversion.changes', 1, { budget: 'country', country: 'US', step: 'slowed' }],
    ],
    [
      'budget_alert',
      { ...budget, count: 9 },
      ['budget.alerts', 1, { budget: 'overall', step: 'near' }],
    ],
    [
      'budget_alert',
      { ...budget, count: 10 },
      ['budget.alerts', 1, { budget: 'overall', step: 'full' }],
    ],
  ])('%s with %j is counted once, by words of the library', (name, facts, counted) => {
    expect(countedOf(name, facts)).toEqual([counted]);
  });

  test.each<EventName>([
    'enrolled',
    'replaced',
    'removed',
    'recovery_used',
    'recovery_codes_replaced',
    'device_trusted',
    'device_revoked',
    'unlocked',
    'reset',
    'revoked',
  ])('%s is a change', (name) => {
    expect(countedOf(name, {})).toEqual([['changes', 1, { change: name }]]);
  });

  test.each<EventName>(['reported', 'texts_used_up', 'opted_out', 'device_copied', 'store_failed'])(
    '%s is a warning',
    (name) => {
      expect(countedOf(name, {})).toEqual([['warnings', 1, { warning: name }]]);
    },
  );

  test.each<EventName>(['session_rotated', 'notice'])('%s is not counted', (name) => {
    expect(countedOf(name, {})).toEqual([]);
  });
});

test('without an SDK events go on as they are', () => {
  const out: unknown[] = [];
  emitWithMetrics((...given) => out.push(given))('verified', FACTS as never);
  expect(out).toEqual([['verified', FACTS]]);
});

test('who listens twice is told twice, and each of the two ends by itself', async () => {
  const warn = jest.fn();
  const hub = createEventHub(warn);
  const listener = jest.fn();
  const [first] = [hub.on('verified', listener), hub.on('verified', listener)];
  const other = jest.fn();
  hub.on('verified', other);
  const tell = async (): Promise<number> => {
    listener.mockClear();
    hub.emit('verified', FACTS);
    hub.emit('failed', FACTS as never);
    await new Promise(setImmediate);
    return listener.mock.calls.length;
  };
  expect(await tell()).toBe(2);
  expect(listener).toHaveBeenCalledWith(FACTS);
  first();
  first();
  expect(await tell()).toBe(1);
  expect(other).toHaveBeenCalledTimes(2);
  expect(warn).not.toHaveBeenCalled();
});

test('a listener that throws or rejects is warned of, and keeps no other from being told', async () => {
  const warn = jest.fn();
  const hub = createEventHub(warn);
  const [thrown, rejected] = [new Error('thrown'), new Error('rejected')];
  hub.on('verified', () => {
    throw thrown;
  });
  hub.on('verified', () => Promise.reject(rejected));
  const last = jest.fn();
  hub.on('verified', last);
  hub.emit('verified', FACTS);
  await new Promise(setImmediate);
  expect(warn.mock.calls).toEqual([
    ['verified', thrown],
    ['verified', rejected],
  ]);
  expect(last).toHaveBeenCalledTimes(1);
});

test.each([[undefined], [7], ['verifed'], ['toString'], ['']])(
  'nobody listens for %j, which is no event: who tries is told which there are',
  (name) => {
    const hub = createEventHub(() => undefined);
    const listen = (): unknown => hub.on(name as EventName, () => undefined);
    expect(listen).toThrow(TypeError);
    expect(listen).toThrow(
      /the first argument of on\(\).*There are sent, delivery, .*store_failed\./s,
    );
  },
);

test.each([[undefined], ['verified'], [{}]])('%j is no listener', (listener) => {
  const hub = createEventHub(() => undefined);
  const listen = (): unknown => hub.on('verified', listener as never);
  expect(listen).toThrow(/the second argument of on\(\).*Give a function that gets the facts\./s);
});
