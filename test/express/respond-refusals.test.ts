import type { ServerResponse } from 'node:http';
import { SecondFactorError } from '../../lib';
import { refuse } from '../../lib/core/outcomes';
import type { HttpRequest } from '../../lib/express/http';
import { findingsOf, tellOperator } from '../../lib/express/operator';
import {
  brokenRefusal,
  languageHeaders,
  redirect,
  sendFile,
  sendProblem,
} from '../../lib/express/respond';
import { bareAnswer, gateWorld, type GateWorld } from './gate-world';

beforeEach(() => jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined));
afterEach(() => jest.restoreAllMocks());

type Hook = (
  res: ServerResponse,
  next: (error?: unknown) => void,
  problem: { code: string },
) => unknown;

/** Hands a refusal to the app, and waits for what becomes of it. */
async function refused(hook: Hook, prepare?: (res: ServerResponse) => void) {
  const onRefused = (_req: unknown, res: ServerResponse, problem: never, next: () => void) =>
    hook(res, next, problem);
  const { edge, request } = gateWorld({ onRefused });
  const { res, written } = bareAnswer();
  prepare?.(res);
  res.statusMessage = 'As before';
  res.setHeader('X-Before', 'kept');
  const failed = await sendProblem(edge, request(), res, refuse('code_incorrect')).then(
    () => undefined,
    String,
  );
  const [told] = [...findingsOf(edge).values()];
  return { res, failed, written: written.join(), told, whole: res.writableEnded };
}

/** What waits five seconds waits for nothing: only what answers within them is waited for. */
function hurry(): void {
  const real = setTimeout;
  const soon = (work: () => void, wait?: number) => real(work, wait === 5_000 ? 5 : wait);
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(soon);
}

describe('onRefused', () => {
  test('that answers is waited for, and nothing is added', async () => {
    const { res, failed, written, told, whole } = await refused(async (own, _next, problem) => {
      await Promise.resolve();
      own.statusCode = 299;
      own.end(`own ${problem.code}`);
    });
    expect([res.statusCode, failed, written, told, whole]).toEqual([
      299,
      undefined,
      'own code_incorrect',
      undefined,
      true,
    ]);
    expect(res.getHeader('Cache-Control')).toBe('no-store');
  });

  test('whose client has gone is not waited for', async () => {
    const { failed, written, told, whole } = await refused((own) => void own.emit('close'));
    expect([failed, written, told, whole]).toEqual([undefined, '', undefined, false]);
  });

  test('that goes on has the library answer, with what the app had set before', async () => {
    const { res, written, told, whole } = await refused((own, next) => {
      own.statusCode = 299;
      own.statusMessage = 'Own words';
      own.setHeader('X-Before', 'changed');
      own.setHeader('X-Own', 'half');
      next();
    });
    expect(JSON.parse(written)).toMatchObject({ code: 'code_incorrect', status: 401 });
    expect([res.statusCode, res.statusMessage, told, whole]).toEqual([
      401,
      'As before',
      undefined,
      true,
    ]);
    expect([res.getHeader('X-Before'), res.hasHeader('X-Own')]).toEqual(['kept', false]);
  });

  test('that goes on and answers after all has answered, also behind what holds answers back', async () => {
    const held = jest.fn();
    const { written, res } = await refused(
      (own, next) => {
        next();
        own.end('own');
      },
      (each) => void Object.assign(each, { end: held }),
    );
    expect([held.mock.calls, written, res.headersSent]).toEqual([[['own']], '', false]);
    expect(res.getHeader('Content-Type')).toBeUndefined();
  });

  test('that goes on in the middle of its answer ends it itself', async () => {
    const { res, failed, written, told, whole } = await refused((own, next) => {
      own.write('begun');
      next();
    });
    expect([failed, written, told, whole]).toEqual([undefined, 'begun', undefined, false]);
    expect(res.destroyed).toBe(false);
  });

  test('that breaks in the middle of its answer has its connection closed: nobody takes that for a whole one', async () => {
    const { res, failed, written, told } = await refused((own) => {
      own.write('begun');
      throw new Error('broke');
    });
    expect([failed, written, res.destroyed]).toEqual([undefined, 'begun', true]);
    expect(told).toEqual({
      says: 'onRefused failed: broke.',
      cure: 'Have it answer each request within 5 s, or call next(error).',
    });
  });

  test('that hands an error on in the middle of its answer hands it to the app as it is', async () => {
    const { failed, written } = await refused((own, next) => {
      own.write('begun');
      next(new Error('own'));
    });
    expect([failed, written]).toEqual(['Error: own', 'begun']);
  });

  test('that hands an error on leaves the answer as it was before', async () => {
    const { res, failed } = await refused((own, next) => {
      own.statusCode = 299;
      own.setHeader('X-Own', 'half');
      next(new Error('own'));
    });
    expect([failed, res.statusCode, res.statusMessage]).toEqual(['Error: own', 200, 'As before']);
    expect(res.getHeaders()).toEqual({ 'x-before': 'kept' });
  });

  test('that sends nothing is told, and one that is slow to end is not', async () => {
    hurry();
    const silent = await refused(() => undefined);
    expect(silent.told?.says).toBe('onRefused sent nothing within 5 s.');
    expect(JSON.parse(silent.written)).toMatchObject({ code: 'code_incorrect' });
    const slow = await refused((own) => void own.write('begun'));
    expect([slow.failed, slow.written, slow.told, slow.res.destroyed]).toEqual([
      undefined,
      'begun',
      undefined,
      false,
    ]);
  });
});

test.each([
  [undefined, 'Accept-Language'],
  ['', 'Accept-Language'],
  ['Origin', 'Origin, Accept-Language'],
  [['Origin', 'Accept'], 'Origin, Accept, Accept-Language'],
  ['accept-language', 'accept-language'],
  [
    ['Accept', 'Accept-Language'],
    ['Accept', 'Accept-Language'],
  ],
  ['Origin ,Accept-Language , Cookie', 'Origin ,Accept-Language , Cookie'],
  ['*', '*'],
  ['X-Accept-Language', 'X-Accept-Language, Accept-Language'],
  ['Accept-Language-X', 'Accept-Language-X, Accept-Language'],
])('a cache that knows of %j learns that the language matters: %j', (before, after) => {
  const { edge, request } = gateWorld();
  const { res } = bareAnswer();
  if (before !== undefined) res.setHeader('Vary', before);
  const req = request({ headers: { 'accept-language': 'de' } });
  languageHeaders(edge, req, res);
  expect([res.getHeader('Content-Language'), res.getHeader('Vary')]).toEqual(['de', after]);
});

test.each([
  ['GET', 302],
  ['HEAD', 302],
  ['POST', 303],
  ['DELETE', 303],
])('after %s a browser is led on by %i, and no cache keeps that', (method, status) => {
  const { res } = bareAnswer();
  redirect(gateWorld().request({ method }), res, '/there');
  expect([res.statusCode, res.getHeader('Location'), res.writableEnded]).toEqual([
    status,
    '/there',
    true,
  ]);
  expect(res.getHeader('Cache-Control')).toBe('no-store');
});

test('a file is kept by the browser under its name, and by no cache', () => {
  const { res, written } = bareAnswer();
  sendFile(res, { name: 'codes.txt', text: 'für dich' });
  expect([res.statusCode, written, res.getHeaders()]).toEqual([
    200,
    ['für dich'],
    {
      'cache-control': 'no-store',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'content-disposition': 'attachment; filename="codes.txt"',
      'content-type': 'text/plain; charset=utf-8',
      'content-length': 9,
    },
  ]);
});

describe('what breaks', () => {
  let world: GateWorld;
  let req: HttpRequest;
  let lines: unknown[][];
  beforeEach(() => {
    lines = [];
    world = gateWorld();
    Object.assign(world.core, { tell: (...line: unknown[]) => void lines.push(line) });
    req = world.request();
  });

  const detail = (say: string) => ({ detail: { say } });
  const failed = (options: object) => new SecondFactorError('delivery_failed', 'No.', options);

  test.each<[string, SecondFactorError, ReturnType<typeof refuse>]>([
    [
      'a store that is away',
      new SecondFactorError('store_unavailable', 'away'),
      refuse('store_unavailable'),
    ],
    [
      'a number that the carrier refuses',
      new SecondFactorError('phone_invalid', 'No.'),
      refuse('phone_invalid', detail('detail.phoneRefused') as never),
    ],
    [
      'a text of which nobody knows',
      failed({ reason: 'unknown_outcome' }),
      refuse('delivery_failed', detail('detail.unsure') as never),
    ],
    [
      'a carrier that is away',
      failed({ reason: 'unavailable', refused: true }),
      refuse('delivery_failed'),
    ],
    ['a carrier that says nothing', failed({ refused: true }), refuse('delivery_failed')],
    ...(['credentials_rejected', 'from_rejected', 'rejected'] as const).map(
      (reason): [string, SecondFactorError, ReturnType<typeof refuse>] => [
        `a carrier that stays as it is: ${reason}`,
        failed({ reason, refused: true }),
        refuse('delivery_failed', detail('detail.channelDown') as never),
      ],
    ),
  ])('is answered as what it is: %s', (_what, error, refusal) => {
    expect(brokenRefusal(world.edge, req, error)).toEqual(refusal);
    const isStore = error.code === 'store_unavailable';
    const told = { at: world.core.clock(), ip: '192.0.2.1', error };
    expect(world.told('store_failed')).toEqual(isStore ? [told] : []);
    expect(lines).toEqual([]);
  });

  test('by a wrong set-up is thrown on, and told unless it was', () => {
    const error = new SecondFactorError('misconfigured', 'It is wrong. Mend it.');
    tellOperator(world.edge, 'SMS2FA_BODY', 'Another thing.', 'Mend that.');
    expect(() => brokenRefusal(world.edge, req, error)).toThrow(error);
    expect(lines).toEqual([['error', 'misconfigured', 'misconfigured: It is wrong. Mend it.']]);
    tellOperator(world.edge, 'SMS2FA_ADDRESS', 'It is wrong.', 'Mend it.');
    expect(() => brokenRefusal(world.edge, req, error)).toThrow(error);
    expect(lines).toHaveLength(1);
    expect(world.told('store_failed')).toEqual([]);
  });

  test('in the app itself is the app’s', () => {
    const error = new TypeError('of the app');
    expect(() => brokenRefusal(world.edge, req, error)).toThrow(error);
    expect([lines, world.events]).toEqual([[], []]);
  });
});
