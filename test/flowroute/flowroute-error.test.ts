import type { Subject } from '../../lib/flowroute/requests';
import { explainBrokenCall } from '../../lib/flowroute/flowroute-error';

const CALL = {
  endedBy: undefined,
  host: 'carrier.example',
  timeoutMs: 5000,
  ranFor: 10,
  subject: { kind: 'text', from: '12065550100', to: '12065550142', hidden: [] },
} as const;
const explain = (error: unknown) => explainBrokenCall({ ...CALL, error }).error;
const wrapped = (details: object, message = 'inner') =>
  new TypeError('fetch failed', { cause: Object.assign(new Error(message), details) });

test.each([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])('%s means that nothing was sent', (code) => {
  const error = explain(wrapped({ code }));
  expect(error).toMatchObject({ name: 'FlowrouteError', reason: 'unavailable', refused: true });
  expect(error.message).toContain(`carrier.example could not be reached (${code})`);
});

test('a connection attempt that timed out sent nothing', () => {
  const error = explain(wrapped({ code: 'ETIMEDOUT', syscall: 'connect' }));
  expect(error).toMatchObject({ reason: 'unavailable', refused: true });
});

test('several addresses that all failed sent nothing', () => {
  const each = Object.assign(new Error('connect'), { code: 'ETIMEDOUT', syscall: 'connect' });
  const cause = new AggregateError([each, each]);
  expect(explain(new TypeError('fetch failed', { cause }))).toMatchObject({ refused: true });
});

test.each([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('[S145] %s means that nothing was sent', (code) => {
  const error = explain(wrapped({ code }));
  expect(error).toMatchObject({ reason: 'unavailable', refused: true });
  expect(error.message).toContain(`no certificate that can be trusted (${code})`);
});

test.each([
  { code: 'ECONNRESET', syscall: 'read' },
  { code: 'EHOSTUNREACH', syscall: 'read' },
  { code: 'ENETUNREACH', syscall: 'write' },
  { code: 'EPIPE', syscall: 'write' },
  { code: 'UND_ERR_SOCKET' },
  { code: 'UND_ERR_HEADERS_TIMEOUT' },
  { code: 'SOMETHING_NEW' },
  {},
])('%p may have come after the text was taken', (details) => {
  expect(explain(wrapped(details))).toMatchObject({ reason: 'unknown_outcome', refused: false });
});

test.each([undefined, 'words', { code: 'ECONNREFUSED' }])(
  '%p, thrown as an error, is survived',
  (thrown) => {
    expect(explain(thrown)).toMatchObject({ reason: 'unknown_outcome', refused: false });
  },
);

test('an error that is its own cause is survived', () => {
  const error = new Error('a ring');
  error.cause = error;
  expect(explain(error)).toMatchObject({ reason: 'unknown_outcome' });
});

test('the cause keeps message and code and drops everything else', () => {
  const { cause } = explain(wrapped({ code: 'UND_ERR_X', data: 'an echo of the text' }, 'why'));
  expect(cause).toMatchObject({ message: 'why', code: 'UND_ERR_X' });
  expect(cause).not.toHaveProperty('data');
});

describe('what may be made again, and what counts against the carrier', () => {
  test.each([
    ['ECONNREFUSED', 'any', 'ill'],
    ['CERT_HAS_EXPIRED', 'never', 'ill'],
    ['ECONNRESET', 'reads', 'ill'],
  ] as const)('%s: %s, %s', (code, again, health) => {
    expect(explainBrokenCall({ ...CALL, error: wrapped({ code }) })).toMatchObject({
      again,
      health,
    });
  });

  test.each([
    ['time', 5000, 'ill'],
    ['caller', 1000, 'ill'],
    ['caller', 999, 'unknown'],
  ] as const)('ended by %s after %i ms: never, %s', (endedBy, ranFor, health) => {
    const failed = explainBrokenCall({ ...CALL, error: new Error('aborted'), endedBy, ranFor });
    expect(failed).toMatchObject({ again: 'never', health });
  });

  test('a read that broke has changed nothing', () => {
    const subject = { kind: 'read', hidden: [] } as const;
    const { error } = explainBrokenCall({ ...CALL, error: wrapped({ code: 'EPIPE' }), subject });
    expect(error).toMatchObject({ reason: 'unavailable', refused: true });
    expect(error.message).not.toContain('known');
  });

  test.each([
    ['text', 'could not be reached (ENOTFOUND), so nothing was sent. Check'],
    ['change', 'could not be reached (ENOTFOUND), so nothing was changed. Check'],
    ['read', 'could not be reached (ENOTFOUND). Check'],
  ] as const)('a %s that never left is told in its own words', (kind, words) => {
    const subject = { ...CALL.subject, kind } as Subject;
    const error = wrapped({ code: 'ENOTFOUND' });
    expect(explainBrokenCall({ ...CALL, error, subject }).error.message).toContain(words);
  });

  test('a change that broke may have been made', () => {
    const subject = { kind: 'change', hidden: [] } as const;
    const { error } = explainBrokenCall({ ...CALL, error: wrapped({ code: 'EPIPE' }), subject });
    expect(error).toMatchObject({ reason: 'unknown_outcome', refused: false });
    expect(error.message).toContain('Whether the change was made is not known');
  });
});
