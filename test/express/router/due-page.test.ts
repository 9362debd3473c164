import { newRecoveryCodes, recoveryCodesOf } from '../../../lib/core/enroll/recovery-codes';
import { rememberOptOut } from '../../../lib/core/delivery/sent-text';
import { verifyCode } from '../../../lib/core/verify/verify-code';
import { sendToFactor } from '../../../lib/core/send/send-code';
import { startEnrollment } from '../../../lib/core/enroll/enroll';
import { factorAccess } from '../../../lib/express/account';
import { codesToKeep, duePage, keepTyped } from '../../../lib/express/router/due-page';
import type { SessionState } from '../../../lib/express/session-state';
import type { ChallengeModel, EnrollmentModel, ManageModel } from '../../../lib/pages/models';
import {
  english,
  enrollmentOf,
  giveRecoveryCodes,
  PHONE,
  requester,
  START,
} from '../../helpers/core';
import { gateWorld, type GateWorld } from '../gate-world';
import { accountIn, exchangeIn, trustBrowsers, withoutPhone } from './exchange-world';

const DAY = 86_400_000;
const HERE = { headers: { host: 'acme.example', 'sec-fetch-site': 'same-origin' } };
const ELSEWHERE = { headers: { host: 'acme.example', 'sec-fetch-site': 'cross-site' } };
const none = { mark: false } as const;

type More = Parameters<typeof exchangeIn>[1];
type Exchange = Awaited<ReturnType<typeof exchangeIn>>;

let world: GateWorld;
const begin = (settings: object = {}): void => {
  world = gateWorld(settings);
  world.users.set('A', enrollmentOf());
};
beforeEach(() => begin());

const pageOf = async (exchange: Exchange) => duePage(exchange, await accountIn(exchange));
const challenge = async (more: More = none) =>
  (await pageOf(await exchangeIn(world, more))) as ChallengeModel;
const manage = async (more: More = {}) =>
  (await pageOf(await exchangeIn(world, more))) as ManageModel;
const enrollment = async (more: More = none) =>
  (await pageOf(await withoutPhone(world, more))) as EnrollmentModel;
/** A code that is pending in this session. */
const send = async (exchange: Exchange, purpose: 'sign-in' | 'step-up', channel?: 'email') => {
  const account = await accountIn(exchange);
  const sent = await sendToFactor(world.core, exchange.who, account, purpose, channel);
  expect(sent.ok).toBe(true);
};

describe('who has no phone', () => {
  const due = (from: number) => ({ enrollment: { requiredFrom: new Date(from) } });
  const IN_TWO = 'Your account will need a phone in 2 days. Until then you can go on without one.';

  test.each<[string, object, More, string | undefined]>([
    ['may do without', {}, none, '/'],
    ['must have one', { enrollment: 'required' }, none, undefined],
    ['has passed a factor of the app’s own', { enrollment: 'required' }, {}, '/'],
    ['must have one some day', due(START + 1.5 * DAY), none, '/'],
    ['must have one by now', due(START), none, undefined],
    ['was sent by the gate', {}, { ...none, state: { wantedAt: START } }, undefined],
  ])('reads whether there is a way on without one: who %s', async (_what, settings, more, path) => {
    begin(settings);
    const exchange = await withoutPhone(world, more);
    if (more?.state !== undefined) Object.assign(exchange.req.session!, { returnTo: '/secret' });
    const page = (await pageOf(exchange)) as EnrollmentModel;
    expect([page.page, page.state]).toEqual(['enrollment', 'phone']);
    expect(page.link?.path).toBe(path);
    const isSoon = 'enrollment' in settings && JSON.stringify(settings).includes('requiredFrom');
    expect(page.sentences.includes(IN_TWO)).toBe(isSoon && path !== undefined);
  });

  test('goes on to where they were going', async () => {
    const exchange = await withoutPhone(world, none);
    Object.assign(exchange.req.session!, { returnTo: '/secret' });
    expect(await pageOf(exchange)).toMatchObject({ link: { path: '/secret' } });
  });

  test.each<[string, boolean, More, string]>([
    ['there is a factor of the app’s own', true, none, 'other'],
    ['that one was passed', true, {}, 'phone'],
    ['that one was passed long ago', true, { mark: { verifiedAt: START - 601_000 } }, 'other'],
    ['there is none', false, none, 'phone'],
  ])('passes another factor first where %s', async (_what, hasOwnFactor, more, state) => {
    begin({ hasOwnFactor: () => hasOwnFactor });
    expect((await enrollment(more)).state).toBe(state);
  });

  test('sees the code that is on its way, and the number in full that they typed', async () => {
    const exchange = await withoutPhone(world, none);
    const access = factorAccess(world.edge, await accountIn(exchange));
    await startEnrollment(world.core, exchange.who, access, { phone: PHONE, country: undefined });
    const page = (await pageOf(exchange)) as EnrollmentModel;
    expect([page.state, page.code?.sentTo]).toEqual(['code', '+1 206 555 0142']);
    expect(page.resend?.wait?.seconds).toBe(30);
  });
});

describe('[S203] a number that was refused', () => {
  const typed = { text: '555', userId: 'A', at: START };

  test.each<[string, SessionState['typed'], number, string | null]>([
    ['a moment ago', typed, 299.999, '555'],
    ['too long ago', typed, 300, null],
    ['by another user', { ...typed, userId: 'B' }, 0, null],
    ['never', undefined, 0, null],
  ])('stands in its field once: refused %s', async (_when, state, later, value) => {
    const exchange = await withoutPhone(world, { ...none, state: state ? { typed: state } : {} });
    world.pass(later);
    const page = (await pageOf(exchange)) as EnrollmentModel;
    expect(page.phone).toMatchObject({ value, isWrong: false });
    expect(exchange.state()).not.toHaveProperty('typed');
  });

  test.each(['phone_invalid', 'destination_not_allowed', 'send_limit_reached'] as const)(
    'is wrong where its problem says so: %s',
    async (code) => {
      const state = { problem: { code }, typed };
      const isWrong = code !== 'send_limit_reached';
      expect((await enrollment({ ...none, state })).phone!.isWrong).toBe(isWrong);
    },
  );

  test('is kept as it was typed, by whom and when; what is no text is not', async () => {
    const exchange = await exchangeIn(world);
    keepTyped(exchange, '555');
    expect(exchange.state().typed).toEqual(typed);
    keepTyped(exchange, 7);
    expect(exchange.state()).not.toHaveProperty('typed');
  });
});

describe('who has to pass', () => {
  test('is offered a text, or enters the code of one', async () => {
    const exchange = await exchangeIn(world, none);
    expect(await pageOf(exchange)).toMatchObject({
      page: 'challenge',
      state: 'send',
      phone: '••• ••• ••42',
      cancel: null,
      recovery: null,
      heldUp: null,
      email: null,
      sendAtOnce: true,
    });
    await send(exchange, 'sign-in');
    world.pass(61);
    expect(await pageOf(exchange)).toMatchObject({
      state: 'code',
      sendAtOnce: false,
      code: { sentTo: '••• ••• ••42', codeLength: 6, lasts: { seconds: 239 } },
      resend: { wait: null },
    });
    world.pass(0.5);
    const { code } = (await pageOf(exchange)) as ChallengeModel;
    expect(code?.lasts.time).toBe('4 more minutes');
  });

  test.each<[string, More, boolean]>([
    ['nobody has passed', none, true],
    ['a gate asked for it a moment ago', { state: { stepUpSince: START - 599_999 } }, true],
    ['a gate asked for it long ago', { state: { stepUpSince: START - 600_000 } }, false],
    ['nothing is asked', {}, false],
  ])('sees that where %s', async (_what, more, isDue) => {
    const page = await challenge(more);
    expect(page.page).toBe(isDue ? 'challenge' : 'manage');
    // Only a step-up can be cancelled.
    if (isDue) expect(page.cancel === null).toBe(more === none);
  });

  test('sees that while the code of a step-up is pending', async () => {
    const exchange = await exchangeIn(world);
    await send(exchange, 'step-up');
    expect(await pageOf(exchange)).toMatchObject({ page: 'challenge', state: 'code' });
  });

  test('has recovery codes as another way, but not for a transaction', async () => {
    giveRecoveryCodes(world);
    expect((await challenge()).recovery).not.toBeNull();
    const transaction = { userId: 'A', at: START, words: 'Pay $250 to Bob', route: 'POST /pay' };
    const page = await challenge({ state: { stepUpSince: START, transaction } });
    expect(page.recovery).toBeNull();
    expect(page.transaction?.value).toBe('Pay $250 to Bob');
  });

  test('may have a code by mail where the app has that, and nobody came to change the factor', async () => {
    begin({ email: { stepUp: true } });
    const address = () => 'alice@example.com';
    Object.assign(world.core, { email: { sender: { send: async () => ({}) }, address } });
    expect((await challenge()).email?.address).toBe('a•••@example.com');
    const stepUp = await exchangeIn(world, { state: { stepUpSince: START } });
    expect(((await pageOf(stepUp)) as ChallengeModel).email).not.toBeNull();
    Object.assign(stepUp.req.session!, { returnTo: '/second-factor/?open=phone' });
    expect(((await pageOf(stepUp)) as ChallengeModel).email).toBeNull();
    const signIn = await exchangeIn(world, none);
    Object.assign(signIn.req.session!, { returnTo: '/second-factor/?open=phone' });
    expect(((await pageOf(signIn)) as ChallengeModel).email).not.toBeNull();
    await send(signIn, 'sign-in', 'email');
    expect(await pageOf(signIn)).toMatchObject({
      code: { channel: 'email', sentTo: 'a•••@example.com', trust: null },
      resend: { wait: { seconds: 30 } },
    });
    Object.assign(world.core, { email: { sender: {}, address: () => undefined } });
    expect((await challenge()).email).toBeNull();
    begin({ email: {} });
    Object.assign(world.core, { email: { sender: {}, address } });
    expect((await challenge({ state: { stepUpSince: START } })).email).toBeNull();
  });

  test('may have the browser trusted at a sign-in, and the box stays ticked', async () => {
    begin({ deviceLifetimeMs: 30 * DAY });
    const exchange = await exchangeIn(world, none);
    await send(exchange, 'sign-in');
    expect(await pageOf(exchange)).toMatchObject({ code: { trust: { days: 30, checked: false } } });
    const problem = { code: 'code_incorrect', ticked: true } as const;
    const again = await exchangeIn(world, { ...none, state: { problem } });
    expect(await pageOf(again)).toMatchObject({ code: { trust: { days: 30, checked: true } } });
    world.pass(60);
    const stepUp = await exchangeIn(world, { state: { stepUpSince: START } });
    await send(stepUp, 'step-up');
    expect(await pageOf(stepUp)).toMatchObject({ code: { trust: null } });
  });

  test('reads what becomes of the form that was held up', async () => {
    const { epoch } = await accountIn(await exchangeIn(world));
    const interrupted = { userId: 'A', at: START };
    const keptPost = { ...interrupted, id: 'x', epoch, path: '/pay', fields: [] };
    const heldUp = async (state: SessionState) =>
      (await challenge({ ...none, state })).heldUp?.state;
    expect(await heldUp({ keptPost, interrupted })).toBe('kept');
    expect(await heldUp({ interrupted })).toBe('lost');
    expect(await heldUp({ interrupted: { ...interrupted, at: START - 300_000 } })).toBeUndefined();
  });

  test.each<[string, SessionState, boolean]>([
    ['asked a moment ago', { askedAt: START - 299_999 }, false],
    ['asked long ago', { askedAt: START - 300_000 }, true],
    ['never asked', {}, true],
  ])(
    'is told that the code may be of another session, where this one %s',
    async (_what, state, isTold) => {
      await send(await exchangeIn(world, { ...none, sessionID: 'another' }), 'sign-in');
      const [first] = (await challenge({ ...none, state })).sentences;
      const says = isTold ? 'challenge.otherCode' : 'challenge.earlierCode';
      expect(first).toBe(english.say(says));
    },
  );

  test('finds that no code is taken during a lock, and for how long', async () => {
    world = gateWorld({}, { lockAfter: 3, guessesPerChallenge: 5 });
    world.users.set('A', enrollmentOf());
    const exchange = await exchangeIn(world, none);
    expect((await challenge()).locked).toBeNull();
    await send(exchange, 'sign-in');
    for (let step = 0; step < 3; step += 1) {
      await verifyCode(world.core, exchange.who, 'sign-in', 'none', await accountIn(exchange));
    }
    world.pass(100);
    expect(await pageOf(exchange)).toMatchObject({
      state: 'shut',
      disabled: false,
      sendAtOnce: false,
      locked: { seconds: 800 },
    });
    const page = await manage();
    expect(page.trouble).toContain('14 minutes');
    const first = await enrollment();
    expect([first.state, first.trouble === null]).toEqual(['shut', false]);
  });

  test('waits for the next text as long as it takes now, whatever the code was told when it was sent', async () => {
    const first = await exchangeIn(world, { ...none, sessionID: 'first' });
    await send(first, 'sign-in');
    world.pass(30);
    await send(await exchangeIn(world, { ...none, sessionID: 'second' }), 'sign-in');
    const { resend, code } = (await pageOf(first)) as ChallengeModel;
    expect([resend?.wait?.seconds, code?.lasts.seconds]).toEqual([60, 270]);
    const another = await challenge({ ...none, sessionID: 'third' });
    expect(another).toMatchObject({ state: 'send', sendAtOnce: false });
  });

  test.each([[undefined], [['(206) 555-0100', '(206) 555-0101']]])(
    'reads after STOP where to write, as far as the sender says it: %j',
    async (numbers) => {
      await rememberOptOut(world.core, PHONE, 'heard');
      if (numbers !== undefined) world.core.sender.numbers = numbers;
      const [first] = (await challenge()).sentences;
      const says =
        numbers === undefined
          ? english.say('challenge.optedOut')
          : english.say('challenge.optedOutFrom', { numbers: numbers.join(', ') });
      expect(first).toBe(says);
    },
  );

  test('finds that no code is taken while the phone is disabled', async () => {
    world.users.set('A', enrollmentOf(PHONE, { disabledAt: START }));
    expect(await challenge()).toMatchObject({ state: 'shut', disabled: true, sendAtOnce: false });
  });
});

describe('[S184] the page asks for a text by itself', () => {
  test('the first of a sign-in, whoever led there, and no second one at another site’s wish', async () => {
    const exchange = await exchangeIn(world, { ...none, ...ELSEWHERE });
    expect(await pageOf(exchange)).toMatchObject({ sendAtOnce: true });
    expect(exchange.state()).toEqual({ askedAtOnce: 'A' });
    expect(await pageOf(exchange)).toMatchObject({ sendAtOnce: false });
    Object.assign(exchange.req, HERE);
    expect(await pageOf(exchange)).toMatchObject({ sendAtOnce: true });
  });

  test('at a step-up only where its user came by a page of the app', async () => {
    const state = { stepUpSince: START };
    expect((await challenge({ ...HERE, state })).sendAtOnce).toBe(true);
    expect((await challenge({ ...ELSEWHERE, state })).sendAtOnce).toBe(false);
  });

  test.each([
    ['fresh_second_factor_required', true],
    ['send_refused', false],
  ] as const)('after the problem %s: %p', async (code, asks) => {
    const exchange = await exchangeIn(world, { ...none, state: { problem: { code } } });
    expect(await pageOf(exchange)).toMatchObject({ problem: { code }, sendAtOnce: asks });
    // Said once.
    expect(exchange.state()).not.toHaveProperty('problem');
    expect(((await pageOf(exchange)) as ChallengeModel).problem).toBeNull();
  });
});

describe('what a page says once', () => {
  test('is what went well', async () => {
    const exchange = await exchangeIn(world, { state: { notice: 'notice.off' } });
    expect(await pageOf(exchange)).toMatchObject({
      notice: expect.stringMatching(/^Two-step verification is off\./),
    });
    expect(await pageOf(exchange)).toMatchObject({ notice: null });
  });

  test('[S137] of a text that may arrive late is whether its code will work', async () => {
    const problem = { code: 'delivery_failed', detail: { say: 'detail.unsure' } } as const;
    const exchange = await exchangeIn(world, { ...none, state: { problem } });
    const late = async (): Promise<string[]> =>
      ((await pageOf(exchange)) as ChallengeModel).problem!.notes;
    const [dead] = await late();
    await send(exchange, 'sign-in');
    const again = await exchangeIn(world, { ...none, state: { problem } });
    const [works] = ((await pageOf(again)) as ChallengeModel).problem!.notes;
    expect([dead, works]).toEqual([
      english.say('notice.lateDead'),
      english.say('notice.lateWorks'),
    ]);
    const other = { ...none, state: { problem: { code: 'delivery_failed' } as const } };
    expect((await challenge(other)).problem!.notes).toEqual([]);
  });
});

describe('who manages their phone', () => {
  test('sees it, its form, and the trusted browsers where the app has that', async () => {
    expect(await manage()).toMatchObject({
      page: 'manage',
      phone: { masked: '••• ••• ••42' },
      replace: { form: { open: false, countries: ['Canada', 'United States'] }, code: null },
      recovery: { left: 0 },
      waiting: null,
      browsers: null,
    });
    begin({ deviceLifetimeMs: 30 * DAY });
    expect((await manage()).browsers!.list).toEqual([]);
    trustBrowsers(world, 'one');
    giveRecoveryCodes(world, { devices: world.users.get('A')!.devices! });
    const page = await manage({ url: '/?open=phone' });
    expect(page.browsers!.list).toMatchObject([{ name: 'Browser one', current: false }]);
    expect([page.recovery.left, page.replace.form.open]).toEqual([10, true]);
  });

  test('sees the code for a new number there', async () => {
    const exchange = await exchangeIn(world);
    const access = factorAccess(world.edge, await accountIn(exchange));
    const wanted = { phone: '+12065550143', country: undefined };
    expect((await startEnrollment(world.core, exchange.who, access, wanted)).ok).toBe(true);
    expect(await pageOf(exchange)).toMatchObject({
      page: 'manage',
      replace: { code: { sentTo: '+1 206 555 0143' } },
    });
    // A step-up that comes between asks for a code of its own.
    Object.assign(exchange.req.session!, {
      sms2fa: { ...exchange.state(), stepUpSince: START },
    });
    expect(await pageOf(exchange)).toMatchObject({ page: 'challenge', state: 'send', code: null });
  });

  test.each<[string, string, object, boolean | undefined]>([
    ['this session, fresh', 'sid', {}, true],
    [
      'this session, which is not fresh any more',
      'sid',
      { mark: { verifiedAt: START - 601_000 } },
      false,
    ],
    ['another session', 'another', {}, false],
    ['this session, which has not passed', 'sid', none, undefined],
  ])('[S178] sees the codes to keep of %s', async (_what, sessionId, more, sees) => {
    const set = newRecoveryCodes(world.core, requester('A', { sessionId }));
    world.users.set('A', { ...enrollmentOf(), newRecoveryCodes: set });
    const exchange = await exchangeIn(world, more);
    const kept = codesToKeep(exchange, await accountIn(exchange));
    const codes = recoveryCodesOf(world.core, 'A', set);
    if (sees === undefined) expect(kept).toBeUndefined();
    else {
      expect(kept).toEqual({
        set: sessionId === 'sid' ? set.id : undefined,
        codes: sees ? codes : undefined,
        older: false,
      });
    }
  });

  test('[S178] reads that older codes still count', async () => {
    giveRecoveryCodes(world);
    const set = newRecoveryCodes(world.core, requester('A', { sessionId: 'sid' }));
    world.users.set('A', { ...world.users.get('A')!, newRecoveryCodes: set });
    const exchange = await exchangeIn(world);
    expect(codesToKeep(exchange, await accountIn(exchange))).toMatchObject({ older: true });
  });
});
