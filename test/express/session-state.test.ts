import type { Mark } from '../../lib/core/account';
import type { HttpRequest } from '../../lib/express/http';
import {
  changeState,
  keepMark,
  requireStore,
  sessionOf,
  stateOf,
  storedSession,
} from '../../lib/express/session-state';
import { gateWorld, through, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
});
const sessionIn = (req: HttpRequest) => req.session as unknown as Record<string, unknown>;

test('[S66] a session that takes no new id, or cannot be saved, is none of express-session', () => {
  const whole = world.request().session;
  expect(sessionOf(world.request({ session: whole }))).toBe(whole);
  for (const missing of ['regenerate', 'save']) {
    const session = { ...whole, [missing]: undefined };
    expect(() => sessionOf(world.request({ session }))).toThrow('There is no req.session');
  }
});

test('what lies where the state should be and is none says nothing', () => {
  for (const other of [undefined, null, 'mark', 7, true]) {
    const req = world.request();
    sessionIn(req).sms2fa = other;
    expect(stateOf(req)).toEqual({});
    changeState(req, { askedAt: 1 });
    expect(sessionIn(req).sms2fa).toEqual({ askedAt: 1 });
  }
});

test('of a state that has nothing in it any more there is no trace in the session', () => {
  const req = world.request();
  changeState(req, { askedAt: 1, wantedAt: 2 });
  changeState(req, { askedAt: undefined });
  expect(sessionIn(req).sms2fa).toEqual({ wantedAt: 2 });
  changeState(req, { wantedAt: undefined });
  expect(sessionIn(req)).not.toHaveProperty('sms2fa');
  changeState(req, { wantedAt: undefined });
  expect(sessionIn(req)).not.toHaveProperty('sms2fa');
});

test('[S134] a session as its store has it now is nothing, or an error that says which call failed', async () => {
  const get = jest.fn((_id: string, done: (error: unknown) => void) => done(null));
  world = gateWorld({ sessionStore: { ...world.store, get } });
  expect(await storedSession(world.edge, 'sid')).toBeUndefined();
  get.mockImplementation((_id, done) => done(new Error('away')));
  await expect(storedSession(world.edge, 'sid')).rejects.toThrow('sessionStore.get failed: away');
  expect(get.mock.calls.map(([id]) => id)).toEqual(['sid', 'sid']);
});

describe('a mark that is kept', () => {
  const keep = (req: HttpRequest, ago = 0): Promise<void> => {
    const verifiedAt = world.core.clock() - ago;
    const mark: Mark = {
      id: 'mark',
      userId: 'A',
      phone: 'p',
      epoch: 'e',
      verifiedAt,
      amr: ['sms'],
    };
    const before = { id: 'before', wasVerified: false, until: world.core.clock() + 10_000 };
    return keepMark(world.edge, req, 'sid', mark, before);
  };

  test('does not make its session idle since it was passed, where that is more than a second ago', async () => {
    for (const [ago, seenAt] of [
      [1_000, undefined],
      [1_001, world.core.clock()],
    ] as const) {
      const req = world.request();
      await keep(req, ago);
      expect(stateOf(req).seenAt).toBe(seenAt);
    }
  });

  test('is saved once: at the end of the answer again only where the session was changed', async () => {
    const req = world.request();
    // An app may save without a callback, too.
    const session = req.session as { save: (done?: () => void) => unknown };
    const saved = jest.spyOn(session, 'save');
    await keep(req);
    expect(saved).toHaveBeenCalledTimes(1);
    const done = jest.fn();
    expect(session.save(done)).toBe(session);
    expect(session.save()).toBe(session);
    expect([saved.mock.calls.length, done.mock.calls]).toEqual([1, [[]]]);
    Object.assign(session, { cart: 1 });
    session.save(done);
    session.save();
    expect([saved.mock.calls.length, done.mock.calls.length]).toEqual([3, 2]);
  });

  test('shows the app nothing more in its session, and takes nothing from who wraps its save', async () => {
    const session = world.request().session as unknown as Record<string, unknown>;
    const inherited = Object.create(
      { save: session.save },
      {
        regenerate: { value: session.regenerate, enumerable: true },
      },
    ) as typeof session;
    const req = world.request({ session: inherited });
    await keep(req);
    expect(Object.keys(inherited)).toEqual(['regenerate', 'sms2fa']);
    inherited.save = 'wrapped';
    expect(inherited.save).toBe('wrapped');
    expect(delete inherited.save).toBe(true);
  });

  test('[S73] goes again where its session cannot be saved, and its live record with it', async () => {
    const save = (done: (error: unknown) => void) => done(new Error('away'));
    const req = world.request();
    Object.assign(req.session!, { save });
    await expect(keep(req)).rejects.toThrow('session.save failed: away');
    expect(stateOf(req)).toEqual({});
    expect(await world.edge.sessions.isLive('sid', 'mark')).toBe(false);
  });
});

describe('[S67] requireStore', () => {
  const listeners = new Map<string, () => void>();
  const answer = jest.fn(async (_edge, _req, res, { code }) => void res.end(code));
  const gate = (more: object = {}) => {
    world = gateWorld({ sessionStore: { ...world.store, ...more } });
    return requireStore(world.edge, answer);
  };
  const on = (event: string, listener: () => void) => listeners.set(event, listener);

  test('lets pass what has a session, and without one all but while the store is away', async () => {
    const guard = gate({ on });
    const ask = async (session?: unknown) => {
      const { passed, body } = await through(guard, world.request({ session }));
      return passed || body;
    };
    expect([await ask(), await ask({})]).toEqual([true, true]);
    listeners.get('disconnect')?.();
    expect([await ask(), await ask({})]).toEqual(['store_unavailable', true]);
    listeners.get('connect')?.();
    expect([await ask(), await ask({})]).toEqual([true, true]);
  });

  test('takes a store that does not say when it goes away for one that never does', async () => {
    expect(await through(gate(), world.request({ session: undefined }))).toMatchObject({
      passed: true,
    });
  });
});
