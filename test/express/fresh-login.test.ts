import { signedInFreshly } from '../../lib/express/requester';
import { START } from '../helpers/core';
import { gateWorld } from './gate-world';

const fresh = (signedInAt: unknown): Promise<boolean> => {
  const world = gateWorld({ freshLogin: { seconds: 600, signedInAt: () => signedInAt } });
  return signedInFreshly(world.edge, world.request());
};

test('where the app does not ask for it every sign-in is fresh', async () => {
  const world = gateWorld();
  expect(await signedInFreshly(world.edge, world.request())).toBe(true);
});

test.each([
  [START, true],
  [START - 600_000, true],
  [START - 600_001, false],
  [START + 1, false],
  [undefined, false],
  [null, false],
  [NaN, false],
  ['yesterday', false],
  [new Date(START), true],
])('a sign-in at %p is fresh: %p', async (at, is) => {
  expect(await fresh(at)).toBe(is);
  expect(await fresh(Promise.resolve(at))).toBe(is);
});

test('the app is asked with the request', async () => {
  const signedInAt = jest.fn().mockReturnValue(START);
  const world = gateWorld({ freshLogin: { seconds: 1, signedInAt } });
  const req = world.request();
  await signedInFreshly(world.edge, req);
  expect(signedInAt.mock.calls).toEqual([[req]]);
});

test('an app that cannot say leaves the door shut', async () => {
  await expect(fresh(Promise.reject(new Error('away')))).rejects.toThrow('away');
});

test('an app that does not answer is not waited for', async () => {
  const set = jest.spyOn(globalThis, 'setTimeout');
  try {
    const late = expect(fresh(new Promise(() => undefined))).rejects.toThrow(
      'no answer within 1500 ms',
    );
    const limits = set.mock.calls.filter(([, delay]) => delay === 1_500);
    expect(limits).toHaveLength(1);
    limits[0]![0]();
    await late;
  } finally {
    set.mockRestore();
  }
});
