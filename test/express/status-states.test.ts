import { newRecoveryCodes } from '../../lib/core/enroll/recovery-codes';
import { sendToFactor } from '../../lib/core/send/send-code';
import { verifyCode } from '../../lib/core/verify/verify-code';
import { statusAfterSend, statusDocument, statusOf } from '../../lib/express/status';
import { enrollmentOf, giveRecoveryCodes, requester, START } from '../helpers/core';
import { gateWorld, type GateWorld } from './gate-world';
import { accountIn, exchangeIn, trustBrowsers, withoutPhone } from './router/exchange-world';

const ONE = 'urn:passport-sms-2fa:acr:one-factor';
const TWO = 'urn:passport-sms-2fa:acr:two-factors';
const none = { mark: false } as const;
const at = (milliseconds: number): string => new Date(milliseconds).toISOString();
const BEFORE = { enrolled: true, verified: false, amr: ['pwd'], acr: ONE, phone: '••• ••• ••42' };
const PASSED = {
  ...BEFORE,
  verified: true,
  verifiedAt: at(START),
  authTime: at(START),
  amr: ['pwd', 'sms', 'mfa'],
  acr: TWO,
};

let world: GateWorld;
const begin = (settings: object = {}, limits: object = {}): void => {
  world = gateWorld(settings, limits);
  world.users.set('A', enrollmentOf());
};
beforeEach(() => begin());

type Exchange = Awaited<ReturnType<typeof exchangeIn>>;
const statusIn = ({ edge, req }: Exchange) => statusOf(edge, req);
const documentIn = async (exchange: Exchange) =>
  statusDocument(exchange.edge, exchange.req, exchange.who, await accountIn(exchange));

describe('the status that an app asks for', () => {
  test('says of nobody that there is nothing', async () => {
    expect(await statusOf(world.edge, world.request({ user: undefined }))).toStrictEqual({
      enrolled: false,
      verified: false,
      amr: [],
    });
  });

  test('says what is so and leaves out what is not', async () => {
    expect(await statusIn(await exchangeIn(world, none))).toStrictEqual(BEFORE);
    expect(await statusIn(await exchangeIn(world))).toStrictEqual(PASSED);
    const { phone: _phone, ...rest } = BEFORE;
    expect(await statusIn(await withoutPhone(world, none))).toStrictEqual({
      ...rest,
      enrolled: false,
    });
  });

  test('has the later of two times as the one of the authentication', async () => {
    for (const [signedIn, later] of [
      [START - 60_000, START],
      [START + 5_000, START + 5_000],
    ] as const) {
      begin({ freshLogin: { seconds: 600, signedInAt: () => signedIn } });
      world.pass(10);
      const mark = { verifiedAt: START };
      expect(await statusIn(await exchangeIn(world, { mark }))).toStrictEqual({
        ...PASSED,
        signedInAt: at(signedIn),
        authTime: at(later),
      });
    }
    expect(await statusIn(await exchangeIn(world, none))).toStrictEqual({
      ...BEFORE,
      signedInAt: at(START + 5_000),
      authTime: at(START + 5_000),
    });
  });

  test('says of a trusted browser that nothing was passed', async () => {
    begin({ deviceLifetimeMs: 86_400_000 });
    trustBrowsers(world, 'one');
    const mark = { amr: [], deviceId: 'one' };
    expect(await statusIn(await exchangeIn(world, { mark }))).toStrictEqual({
      ...BEFORE,
      verified: true,
    });
  });

  test('has no acr where the app gives none', async () => {
    begin({ acr: () => undefined });
    expect(await statusIn(await exchangeIn(world, none))).not.toHaveProperty('acr');
  });

  test('[S178] says to a verified session that codes wait to be kept', async () => {
    world.users.set('A', {
      ...enrollmentOf(),
      newRecoveryCodes: newRecoveryCodes(world.core, requester()),
    });
    expect(await statusIn(await exchangeIn(world))).toStrictEqual({
      ...PASSED,
      recoveryCodesAcknowledged: false,
    });
    expect(await statusIn(await exchangeIn(world, none))).toStrictEqual(BEFORE);
  });

  test('[S119] says once to who is back that a form was held up', async () => {
    const interrupted = { userId: 'A', at: START };
    const exchange = await exchangeIn(world, { state: { interrupted } });
    expect(await statusIn(exchange)).toStrictEqual({ ...PASSED, interrupted: true });
    expect(await statusIn(exchange)).toStrictEqual(PASSED);
    const before = await exchangeIn(world, { ...none, state: { interrupted } });
    expect(await statusIn(before)).toStrictEqual(BEFORE);
    expect(before.state().interrupted).toEqual(interrupted);
  });

  test.each<[string, object, boolean]>([
    ['who has no factor', {}, true],
    ['who has one of the app’s own', { hasOwnFactor: () => true }, false],
  ])('says from when on a phone is asked for: of %s', async (_who, settings, isSaid) => {
    const from = START + 86_400_000;
    begin({ enrollment: { requiredFrom: new Date(from) }, ...settings });
    expect(await statusIn(await exchangeIn(world, none))).toStrictEqual(BEFORE);
    expect(await statusIn(await withoutPhone(world))).not.toHaveProperty('enrollmentRequiredFrom');
    const exchange = await withoutPhone(world, none);
    for (const status of [await statusIn(exchange), await documentIn(exchange)]) {
      const said = (status as { enrollmentRequiredFrom?: string }).enrollmentRequiredFrom;
      expect(said).toBe(isSaid ? at(from) : undefined);
    }
  });
});

describe('the document of the router', () => {
  const CHALLENGE = {
    purpose: 'sign-in',
    phone: '••• ••• ••42',
    codeLength: 6,
    sentAt: at(START),
    expiresAt: at(START + 300_000),
    resendAt: at(START + 30_000),
    attemptsLeft: 5,
    sendsLeft: 4,
    delivery: 'accepted',
  };
  const send = async (exchange: Exchange, channel?: 'email') => {
    const { mark } = await accountIn(exchange);
    const purpose = mark === undefined ? 'sign-in' : 'step-up';
    const account = await accountIn(exchange);
    const sent = await sendToFactor(world.core, exchange.who, account, purpose, channel);
    if (!sent.ok) throw new Error(sent.code);
    return { sent, account };
  };

  test('has the code that is pending, as it was sent and as it is now', async () => {
    const exchange = await exchangeIn(world, none);
    expect(await documentIn(exchange)).toStrictEqual(BEFORE);
    const { sent, account } = await send(exchange);
    const { edge, req, who } = exchange;
    const challenge = expect.objectContaining({ ...CHALLENGE, sendsLeft: expect.any(Number) });
    expect(await statusAfterSend(edge, req, who, account, sent)).toStrictEqual({
      ...BEFORE,
      challenge,
    });
    await verifyCode(world.core, who, 'sign-in', 'wrong', account);
    const now = await documentIn(exchange);
    expect(now.challenge).toMatchObject({ attemptsLeft: 4, purpose: 'sign-in' });
    expect(Object.keys(now.challenge!)).toEqual(Object.keys(CHALLENGE));
    world.pass(300);
    expect(await documentIn(exchange)).toStrictEqual(BEFORE);
  });

  test('has the channel and the transaction of a code where it has them', async () => {
    begin({ email: { stepUp: true } });
    const address = () => 'alice@example.com';
    Object.assign(world.core, { email: { sender: { send: async () => ({}) }, address } });
    const mailed = await exchangeIn(world, none);
    await send(mailed, 'email');
    expect((await documentIn(mailed)).challenge).toMatchObject({
      channel: 'email',
      phone: 'a•••@example.com',
    });
    world.pass(60);
    const transaction = { userId: 'A', at: START, words: 'Pay $250 to Bob', route: 'POST /pay' };
    const held = await exchangeIn(world, { state: { transaction } });
    await send(held);
    expect((await documentIn(held)).challenge).toMatchObject({
      purpose: 'step-up',
      transaction: 'Pay $250 to Bob',
    });
    // A code for what is no longer held up is good for nothing.
    Object.assign(held.req.session!, { sms2fa: { mark: held.state().mark } });
    expect(await documentIn(held)).not.toHaveProperty('challenge');
  });

  test('has no code of another state of the account', async () => {
    const exchange = await exchangeIn(world, none);
    await send(exchange);
    world.users.set('A', enrollmentOf(undefined, { epoch: 'second' }));
    expect(await documentIn(exchange)).toStrictEqual(BEFORE);
  });

  test('counts the recovery codes for a verified session alone', async () => {
    giveRecoveryCodes(world);
    expect(await documentIn(await exchangeIn(world, none))).toStrictEqual(BEFORE);
    expect(await documentIn(await exchangeIn(world))).toStrictEqual({
      ...PASSED,
      recoveryCodesLeft: 10,
    });
  });

  test('says until when codes are locked', async () => {
    begin({}, { lockAfter: 3 });
    const exchange = await exchangeIn(world, none);
    await send(exchange);
    for (let step = 0; step < 3; step += 1) {
      await verifyCode(world.core, exchange.who, 'sign-in', 'wrong', await accountIn(exchange));
    }
    expect((await documentIn(exchange)).lockedUntil).toBe(at(START + 900_000));
    world.pass(901);
    expect(await documentIn(exchange)).toStrictEqual(BEFORE);
  });

  test('says what naming a phone agrees to, where one may be named', async () => {
    Object.assign(world.core, { links: { terms: 'https://acme.example/terms' } });
    const has = async (exchange: Exchange) => 'consent' in (await documentIn(exchange));
    expect(await has(await exchangeIn(world, none))).toBe(false);
    expect(await has(await exchangeIn(world))).toBe(true);
    expect(await has(await withoutPhone(world, none))).toBe(true);
  });
});
