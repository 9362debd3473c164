import { SecondFactorError } from '../../lib/errors';
import { refusalOf } from '../../lib/express/gate';
import type { ProofOptions } from '../../lib/options/verb-options';
import type { HttpRequest } from '../../lib/express/http';
import { enrollmentOf } from '../helpers/core';
import { gateWorld, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
});
/** What stands against the request; nothing where it may pass. */
const refused = async (req: HttpRequest, wanted: ProofOptions = {}): Promise<string | undefined> =>
  (await refusalOf(world.edge, req, wanted))?.code;
const verified = async (amr: string[], ago = 0): Promise<HttpRequest> => {
  const req = world.request();
  await world.verify(req, ago, { amr });
  return req;
};

test('strangers, and whoever has passed one factor only, are told apart', async () => {
  expect(await refused(world.request({ user: undefined }))).toBe('not_authenticated');
  expect(await refused(world.request())).toBe('second_factor_required');
  expect(await refused(await verified(['sms']))).toBeUndefined();
});

test.each([
  [undefined, 'enrollment_required'],
  [['sms'], 'enrollment_required'],
  [['mfa'], 'enrollment_required'],
  [['otp', 'sms'], 'enrollment_required'],
  [['otp'], 'second_factor_required'],
  [['recovery'], 'enrollment_required'],
  [['email'], 'enrollment_required'],
])('a user without a phone meets a route for %j with %s', async (methods, code) => {
  world.users.clear();
  expect(await refused(world.request(), { methods })).toBe(code);
});

test.each([
  [false, 'enrollment_required'],
  [true, 'second_factor_required'],
  [undefined, 'second_factor_required'],
  [0, 'second_factor_required'],
])(
  '[S103] whose own factor of the app is there: %p, meets the gate with %s',
  async (answer, code) => {
    const hasOwnFactor = jest.fn().mockResolvedValue(answer);
    world = gateWorld({ hasOwnFactor });
    expect(await refused(world.request())).toBe(code);
    expect(hasOwnFactor.mock.calls).toEqual([[{ id: 'A' }]]);
  },
);

test('[S134] an app that cannot say whether there is a factor of its own shuts the gate', async () => {
  world = gateWorld({ hasOwnFactor: () => Promise.reject(new Error('away')) });
  expect(await refused(world.request())).toBe('store_unavailable');
});

test('whoever has a phone is not sent to enroll one, whatever the route wants', async () => {
  expect(await refused(world.request(), { methods: ['sms'] })).toBe('second_factor_required');
});

test.each([
  [['sms'], ['sms'], true],
  [['sms'], ['otp'], false],
  [['sms'], ['otp', 'sms'], true],
  [['sms'], ['mfa'], true],
  [['sms'], ['recovery'], false],
  [['recovery'], ['recovery'], true],
  [['recovery'], ['sms'], false],
  [['otp', 'hwk'], ['hwk'], true],
  [['otp'], undefined, true],
])('[S103] with %j passed, a route for %j opens: %p', async (amr, methods, opens) => {
  const refusal = opens ? undefined : 'second_factor_required';
  expect(await refused(await verified(amr), { methods })).toBe(refusal);
});

test('[S157] a method that was passed too long ago is no proof, nor another one just now', async () => {
  const wanted = { methods: ['sms'], maxAge: 300 };
  expect(await refused(await verified(['sms'], 300), wanted)).toBeUndefined();
  expect(await refused(await verified(['sms'], 300.001), wanted)).toBe('second_factor_required');
  expect(await refused(await verified(['otp'], 0), wanted)).toBe('second_factor_required');
});

test('a session that passes is noted as in use, one that does not is not', async () => {
  world = gateWorld({}, { verifiedIdle: 600, verifiedSession: 3_600 });
  world.users.set('A', enrollmentOf());
  const req = await verified(['sms'], 300);
  await refused(req, { methods: ['otp'] });
  await refused(req, { maxAge: 299 });
  expect(req.session!.sms2fa).not.toHaveProperty('seenAt');
  await refused(req);
  expect(req.session!.sms2fa).toHaveProperty('seenAt', world.core.clock());
});

test('[S134] a gate that cannot see stays shut', async () => {
  const away = new SecondFactorError('store_unavailable', 'away');
  jest.spyOn(world.edge.enrollments, 'get').mockRejectedValueOnce(away);
  expect(await refused(world.request())).toBe('store_unavailable');
  expect(world.told('store_failed')).toEqual([
    { at: world.core.clock(), ip: '192.0.2.1', error: away },
  ]);
});

test('what is not the library’s own fault, and misuse, is thrown on', async () => {
  await expect(refused(world.request({ session: undefined }))).rejects.toMatchObject({
    code: 'misconfigured',
  });
  jest.spyOn(world.edge.enrollments, 'get').mockRejectedValueOnce(new TypeError('a bug'));
  await expect(refused(world.request())).rejects.toThrow('a bug');
});
