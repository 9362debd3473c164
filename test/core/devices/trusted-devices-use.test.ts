import { nextSecret, secretDigest, type DeviceToken } from '../../../lib/core/devices/device-token';
import {
  publicDevice,
  revokeDevices,
  trustDevice,
  useDevice,
} from '../../../lib/core/devices/trusted-devices';
import type { Enrollment } from '../../../lib/ports/enrollments';
import {
  accountOf,
  enrollmentOf,
  makeWorld,
  PHONE,
  requester,
  START,
  type World,
} from '../../helpers/core';
import { crossWrites, overtake } from '../rivals';

const DAY = 86_400_000;
const SESSION = makeWorld().core.keyring.digest('session', 'session of A');
const facts = (at = START) => ({ at, userId: 'A', ip: '192.0.2.1', phone: '••• ••• ••42' });

let world: World;
let token: DeviceToken;
let expiresAt: number;
beforeEach(async () => {
  world = makeWorld();
  world.users.set('A', enrollmentOf());
  await trust();
  ({ token, expiresAt } = (await trust())!);
  world.events.length = 0;
});
const trust = () =>
  trustDevice(world.core, requester(), {
    token: { id: world.core.random(16), secret: world.core.random(32) },
    name: 'Firefox on Linux',
    epoch: accountOf(world).epoch,
    lifetimeMs: DAY,
    shown: undefined,
  });
/** The account as the request has read it. */
const seen = () => {
  const { enrollment, epoch } = accountOf(world);
  return { enrollment: enrollment!, epoch, lifetimeMs: DAY };
};
const use = (given = token, sessionId = 'session of A', account = seen()) =>
  useDevice(world.core, requester('A', { sessionId }), account, given);
const device = () => world.users.get('A')!.devices!.find(({ id }) => id === token.id)!;
const other = 'A'.repeat(43);

test('[S83] a token passes and another one is handed out: it is the only one from when it is seen', async () => {
  const [before, bystander] = world.users.get('A')!.devices!;
  world.pass(5);
  const now = START + 5_000;
  const known = (await use())!;
  const after = { ...token, secret: nextSecret(world.core.keyring, token.id, SESSION) };
  expect(known).toEqual({ id: token.id, expiresAt, token: after, use: 'changed' });
  expect(world.users.get('A')).toMatchObject({ epoch: 'first', version: 4 });
  const next = [{ digest: secretDigest(after.secret), until: now + 60_000 }];
  expect(world.users.get('A')!.devices).toEqual([
    { ...before, next, lost: [], lastUsedAt: now },
    bystander,
  ]);
  const named = publicDevice(before!);
  expect(world.events).toEqual([{ name: 'device_used', facts: { ...facts(now), device: named } }]);
  expect(await use(after, 'another session')).toMatchObject({ use: 'changed' });
  expect(device().digest).toBe(secretDigest(after.secret));
});

test('[S182] the token before overlaps for a minute in the session that showed it, and brings that one nothing later', async () => {
  const known = await use();
  const kept = world.users.get('A');
  world.events.length = 0;
  for (const [seconds, passes] of [
    [0, true],
    [59.999, true],
    [0.001, false],
    [3_600, false],
  ] as const) {
    world.pass(seconds);
    // Each answer brings the same new token: the first may be the one that gets lost.
    expect(await use()).toEqual(passes ? { ...known, use: 'overlapping' } : undefined);
  }
  expect(world.users.get('A')).toBe(kept);
  expect(world.events).toEqual([]);
});

/** The uses of one browser, each in a session of its own; `lose` keeps the token it had. */
function aBrowser(name: string, held = token) {
  let uses = 0;
  return {
    get held() {
      return held;
    },
    restore: (from: DeviceToken) => void (held = from),
    signIn: async (lose = false): Promise<boolean> => {
      uses += 1;
      const known = await use(held, `${name} ${uses}`);
      if (known !== undefined && !lose) held = known.token;
      return known !== undefined;
    },
  };
}

/** The copy was told, once, and ended its device alone. */
function expectCopied(copied = device): void {
  const { epoch, devices } = world.users.get('A')!;
  expect(epoch).toBe('first');
  expect(devices).toHaveLength(1);
  expect(copied()).toBeUndefined();
  expect(world.told('device_copied')).toHaveLength(1);
  expect(world.told('device_revoked')).toEqual([]);
}

describe('[S179] in honest hands nobody is alarmed', () => {
  afterEach(() => {
    expect(world.told('device_copied')).toEqual([]);
    expect(world.users.get('A')!.devices).toHaveLength(2);
  });

  test('an answer that is lost, and the one after it, and a third', async () => {
    const browser = aBrowser('A');
    for (const lose of [true, false, true, true, true, false, false, true, false]) {
      expect(await browser.signIn(lose)).toBe(true);
    }
  });

  test('a token that its own session shows before the answers with the older one are in', async () => {
    for (let each = 0; each < 3; each += 1) {
      const before = token;
      const known = (await use(before, `session ${each}`))!;
      expect(await use(known.token, `session ${each}`)).toEqual(known);
      expect(await use(before, `session ${each}`)).toEqual({ ...known, use: 'overlapping' });
      token = known.token;
    }
    expect(world.told('device_used')).toHaveLength(3);
  });

  test('a jar from before the last sign-in', async () => {
    const browser = aBrowser('A');
    for (let each = 0; each < 4; each += 1) {
      const backup = browser.held;
      expect(await browser.signIn()).toBe(true);
      browser.restore(backup);
      expect(await browser.signIn()).toBe(true);
    }
  });

  test('tabs that are restored at once, each in a session of its own, whichever answer comes last', async () => {
    for (const last of [0, 1, 2]) {
      const held = (await use())!.token;
      crossWrites(world, 3);
      const tabs = await Promise.all(['x', 'y', 'z'].map((tab) => use(held, `${tab}${last}`)));
      expect(tabs.map((tab) => tab?.use)).toEqual(['changed', 'changed', 'changed']);
      token = tabs[last]!.token;
    }
    expect(await use(token, 'the next day')).toBeDefined();
  });

  test('a sign-in with the answer of another one that was under way: a code, in the worst case', async () => {
    const [one, two] = [await use(token, 'one'), await use(token, 'two')];
    const third = await use(one!.token, 'three');
    expect(third?.use).toBe('changed');
    // The answer of the second came last.
    expect(await use(two!.token, 'four')).toBeUndefined();
    expect(await use(third!.token, 'five')).toBeDefined();
  });

  test('what a page asks for in the same moment', async () => {
    crossWrites(world, 5);
    const known = await Promise.all(Array.from({ length: 5 }, () => use()));
    const uses = ['changed', ...Array<string>(4).fill('overlapping')];
    expect(known.map((each) => each?.use).sort()).toEqual(uses);
    expect(new Set(known.map((each) => each?.token.secret)).size).toBe(1);
    expect(world.told('device_used')).toHaveLength(1);
  });

  test('a token that was kept, and reported as not kept', async () => {
    const { enrollments } = world.core;
    const broke = new Error('the connection broke');
    const set: typeof enrollments.set = async (...written) => {
      await enrollments.set(...written);
      world.core.enrollments.get = () => Promise.reject(broke);
      throw broke;
    };
    world.core.enrollments = { ...enrollments, set };
    await expect(use()).rejects.toThrow('the connection broke');
    world.core.enrollments = enrollments;
    expect((await use())?.use).toBe('overlapping');
    world.pass(9_000);
    expect(await use()).toBeUndefined();
    expect((await use(token, 'the next session'))?.use).toBe('changed');
  });

  test('a long life of sign-ins, lost answers, parallel tabs and restored jars', async () => {
    const browser = aBrowser('A');
    // The same walk each time: a linear congruence.
    let seed = 7;
    const dice = (sides: number): number => (seed = (seed * 48_271) % 2_147_483_647) % sides;
    const tabs = async (step: number): Promise<boolean> => {
      const all = await Promise.all(
        ['x', 'y', 'z'].map((tab) => use(browser.held, `${tab}${step}`)),
      );
      browser.restore(all[dice(3)]?.token ?? token);
      return all.every((each) => each !== undefined);
    };
    for (let step = 0; step < 300; step += 1) {
      const chosen = dice(4);
      const before = browser.held;
      expect([step, chosen === 0 ? await tabs(step) : await browser.signIn(chosen === 1)]).toEqual([
        step,
        true,
      ]);
      if (chosen === 2) browser.restore(before);
      world.pass(dice(200_000) / 1_000);
    }
  });
});

describe('[S180] a copy ends its own device, and is told once', () => {
  test.each([['the owner'], ['the thief']])('%s is ahead', async (ahead) => {
    const [owner, thief] = [aBrowser('owner'), aBrowser('thief')];
    const [first, second] = ahead === 'the owner' ? [owner, thief] : [thief, owner];
    const copied = device();
    expect([await first.signIn(), await first.signIn()]).toEqual([true, true]);
    expect(await second.signIn()).toBe(false);
    expectCopied();
    expect(world.told('device_copied')).toEqual([{ ...facts(), device: publicDevice(copied) }]);
    for (const each of [second, first, second]) expect(await each.signIn()).toBe(false);
    expectCopied();
  });

  test('whoever keeps pace with the owner is asked for a code, and told when they try their old token', async () => {
    const [owner, thief] = [aBrowser('owner'), aBrowser('thief')];
    expect([await owner.signIn(), await thief.signIn()]).toEqual([true, true]);
    expect(await owner.signIn()).toBe(true);
    // Beside the owner's, so it was lost by then.
    expect(await thief.signIn()).toBe(false);
    expect(world.told('device_copied')).toEqual([]);
    thief.restore(token);
    expect(await thief.signIn()).toBe(false);
    expectCopied();
  });

  test('with a secret that never was', async () => {
    await use();
    expect(await use({ ...token, secret: other })).toBeUndefined();
    expectCopied();
  });

  test('in twenty requests of the same moment', async () => {
    await aBrowser('owner', (await use())!.token).signIn();
    crossWrites(world, 20);
    const all = Array.from({ length: 20 }, (_, each) => use(token, `t ${each % 3}`));
    expect(await Promise.all(all)).toEqual(Array(20).fill(undefined));
    expectCopied();
  });

  test('also where the store says that it was not written', async () => {
    await aBrowser('owner', (await use())!.token).signIn();
    const { enrollments } = world.core;
    const set: typeof enrollments.set = async (...written) => {
      await enrollments.set(...written);
      throw new Error('the connection broke');
    };
    world.core.enrollments = { ...enrollments, set };
    expect(await use(token, 'of a thief')).toBeUndefined();
    world.core.enrollments = enrollments;
    expectCopied();
  });

  test('and a write that failed is told by the next request', async () => {
    await aBrowser('owner', (await use())!.token).signIn();
    const { enrollments } = world.core;
    const set = () => Promise.reject(new Error('away'));
    world.core.enrollments = { ...enrollments, set };
    await expect(use(token, 'of a thief')).rejects.toThrow('away');
    world.core.enrollments = enrollments;
    expect(await use(token, 'of a thief')).toBeUndefined();
    expectCopied();
  });
});

describe('[S181] a device that was ended', () => {
  const end = (own?: string) =>
    revokeDevices(world.core, requester(), publicDevice(device()).id, own);
  const copies = () => world.told('device_copied');

  test('by its own browser: each token that comes back is a copy', async () => {
    const owner = aBrowser('owner');
    expect(await aBrowser('thief').signIn()).toBe(true);
    const ended = publicDevice(device());
    await end(token.id);
    world.pass(60);
    expect(await owner.signIn()).toBe(false);
    const told = { ...facts(START + 60_000), device: ended, endedAt: START };
    expect(copies()).toEqual([told]);
    expect(await owner.signIn()).toBe(false);
    expect(copies()).toHaveLength(1);
    expect(world.users.get('A')).not.toHaveProperty('endedDevices');
  });

  test('by another one: its browser is asked for a code and alarms nobody, an older token is a copy', async () => {
    const owner = aBrowser('owner');
    await owner.signIn();
    await owner.signIn();
    await end('another');
    expect(await owner.signIn()).toBe(false);
    expect(copies()).toEqual([]);
    expect(await aBrowser('thief').signIn()).toBe(false);
    expect(copies()).toHaveLength(1);
  });

  test('is forgotten with its time, a new phone or a new password', async () => {
    await end(token.id);
    const kept = world.users.get('A')!;
    expect(await use(token, 'b', { ...seen(), epoch: 'another password' })).toBeUndefined();
    world.users.set('A', { ...kept, epoch: 'second' });
    expect(await use(token, 'b')).toBeUndefined();
    world.users.set('A', kept);
    world.pass(DAY / 1_000);
    expect(await use(token, 'b')).toBeUndefined();
    expect(copies()).toEqual([]);
  });
});

test('[S83] a device that is not on the list, or of an older time or password, is forgotten', async () => {
  const kept = world.users.get('A')!;
  const wrong = { ...token, secret: other };
  for (const given of [token, wrong]) {
    expect(await use({ ...given, id: 'x'.repeat(22) })).toBeUndefined();
    expect(await use(given, 'session of A', { ...seen(), epoch: 'another password' })).toBe(
      undefined,
    );
    // Replaced or revoked between the request's own look and this one.
    const stale = { ...seen(), enrollment: enrollmentOf(PHONE, { epoch: 'before' }) };
    expect(await use(given, 'session of A', stale)).toBeUndefined();
  }
  world.pass(DAY / 1_000 - 0.001);
  expect(await use()).toBeDefined();
  world.users.set('A', kept);
  world.pass(0.001);
  world.events.length = 0;
  for (const given of [token, wrong]) expect(await use(given)).toBeUndefined();
  expect(world.users.get('A')).toBe(kept);
  world.users.set('A', enrollmentOf());
  expect(await use()).toBeUndefined();
  expect(world.events).toEqual([]);
});

test('[S83] where the app has shortened the time of trust, that holds for older devices, too', async () => {
  world.pass(3_599.999);
  const shorter = () => ({ ...seen(), lifetimeMs: 3_600_000 });
  const current = (await use(token, 'session of A', shorter()))!.token;
  const kept = device();
  world.pass(0.001);
  for (const given of [token, current]) {
    expect(await use(given, 'session of A', shorter())).toBeUndefined();
  }
  expect(device()).toEqual(kept);
  expect(expiresAt).toBe(START + DAY);
  // A longer time gives no device more than it was promised.
  world.pass(DAY / 1_000 - 3_600);
  expect(await use(current, 'session of A', { ...seen(), lifetimeMs: 9 * DAY })).toBeUndefined();
});

test('[S83] a factor that is removed in the same moment lets no device pass', async () => {
  overtake(world, undefined);
  expect(await use()).toBeUndefined();
  expect(world.events).toEqual([]);
  expect(world.users.size).toBe(0);
});

describe('an app that reports as failed what it has kept', () => {
  type Kept = Enrollment | undefined;
  /** The first write is carried out, as this makes of it, and reported as failed: by then somebody else may have written. */
  const failWith = (change: (before: Kept, written: Enrollment) => Kept): void => {
    const { enrollments } = world.core;
    const set: typeof enrollments.set = (userId, enrollment) => {
      world.core.enrollments = enrollments;
      const kept = change(world.users.get(userId), enrollment);
      if (kept === undefined) world.users.delete(userId);
      else world.users.set(userId, kept);
      return Promise.reject(new Error('away'));
    };
    world.core.enrollments = { ...enrollments, set };
  };
  const stale = { id: '', secret: other };
  beforeEach(() => {
    stale.id = token.id;
  });

  test('[S182] hands out the token that it kept, and tells of its use once', async () => {
    failWith((_before, written) => ({ ...written, version: written.version + 1 }));
    const known = await use();
    expect(known).toMatchObject({ id: token.id, use: 'changed' });
    expect(device().next).toMatchObject([{ digest: secretDigest(known!.token.secret) }]);
    expect(world.events.map(({ name }) => name)).toEqual(['device_used']);
  });

  test('[S180] tells of a copy whose device it took away', async () => {
    failWith((_before, written) => ({ ...written, version: written.version + 1 }));
    expect(await use(stale)).toBeUndefined();
    expectCopied();
  });

  test.each<[string, () => DeviceToken]>([
    ['a token', () => token],
    ['a copy', () => stale],
  ])('has failed with %s that it did not keep', async (_what, given) => {
    failWith((before) => before);
    await expect(use(given())).rejects.toThrow('away');
    expect(device()).toBeDefined();
    expect(world.events).toEqual([]);
  });

  test.each<[string, () => DeviceToken]>([
    ['a token', () => token],
    ['a copy', () => stale],
  ])('has failed with %s where the factor is gone by then', async (_what, given) => {
    failWith(() => undefined);
    await expect(use(given())).rejects.toThrow('away');
    expect(world.events).toEqual([]);
  });

  test('has failed where another device of the user was handed that token', async () => {
    failWith((before, written) => {
      const [one, two] = written.devices!.map(({ id }) => id);
      const devices = written.devices!.map((each) => ({
        ...each,
        id: each.id === one ? two! : one!,
      }));
      return { ...before!, devices };
    });
    await expect(use()).rejects.toThrow('away');
  });
});

test('[S180] a copy is not told of where the factor was removed at the same time', async () => {
  const { enrollments } = world.core;
  const set: typeof enrollments.set = async (userId) => !world.users.delete(userId);
  world.core.enrollments = { ...enrollments, set };
  expect(await use({ ...token, secret: other })).toBeUndefined();
  expect(world.events).toEqual([]);
});

test('[S181] a token of a device that nobody knows is no copy of one that has ended', async () => {
  await revokeDevices(world.core, requester(), publicDevice(device()).id, undefined);
  world.events.length = 0;
  expect(await use({ id: 'x'.repeat(22), secret: other })).toBeUndefined();
  expect(world.events).toEqual([]);
});

test('[S182] a session that shows the token of another one is handed its own once more', async () => {
  const [one, two] = [(await use(token, 'one'))!.token, (await use(token, 'two'))!.token];
  expect(await use(two, 'one')).toMatchObject({ use: 'changed', token: one });
  expect(device().digest).toBe(secretDigest(two.secret));
});
