import { publicDevice } from '../../../lib/core/devices/trusted-devices';
import { refuse } from '../../../lib/core/outcomes';
import {
  ALL_BROWSERS,
  asking,
  askingFirst,
  NEW_CODES,
  ONE_BROWSER,
  TURN_OFF,
} from '../../../lib/express/router/ask-first';
import type { ConfirmModel } from '../../../lib/pages/models';
import { enrollmentOf, giveRecoveryCodes, PHONE } from '../../helpers/core';
import { gateWorld, type GateWorld } from '../gate-world';
import { accountIn, exchangeIn, posted, trustBrowsers } from './exchange-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld({ deviceLifetimeMs: 86_400_000 });
  world.users.set('A', enrollmentOf());
});

type Question = typeof TURN_OFF;
const ID = publicDevice({ id: 'one', name: '' }).id;
const named = (id: string) => ({ params: { id } });

const askedOf = async (question: Question, more: Parameters<typeof exchangeIn>[1] = {}) => {
  const exchange = await exchangeIn(world, more);
  return question.ask(exchange, await accountIn(exchange));
};

/** What a page asks, in words. */
async function pageOf(question: Question, more: Parameters<typeof exchangeIn>[1] = {}) {
  const asked = await askedOf(question, more);
  if (!asked.ok) throw new Error(asked.code);
  const { title, sentences, form, cancel } = asked.page as ConfirmModel;
  expect(form.fields).toEqual([{ name: 'confirm', value: 'yes' }]);
  expect(cancel.path).toBe('/second-factor/');
  return { title, sentences, button: form.button, action: form.action };
}

const OFF = {
  title: 'Turn off two-step verification?',
  button: 'Turn it off',
  action: '/second-factor/enrollment/delete',
};
const ALONE =
  "You'll sign in with your password alone. Whoever learns it can get into your account.";

describe('[S205] before the second factor is turned off', () => {
  test('its user reads what they lose by it, and no more', async () => {
    expect(await pageOf(TURN_OFF)).toEqual({ ...OFF, sentences: [ALONE] });
    giveRecoveryCodes(world);
    trustBrowsers(world, 'one', 'two');
    Object.assign(world.edge, { settings: { ...world.edge.settings, enrollment: 'required' } });
    expect(await pageOf(TURN_OFF)).toEqual({
      ...OFF,
      sentences: [
        ALONE,
        'Your 10 recovery codes stop working.',
        'Your 2 trusted browsers are removed, too.',
        "You'll be asked to add a phone again before you can go on.",
      ],
    });
  });

  test('nobody is told of a password who has none', async () => {
    world = gateWorld({ firstFactor: ['hwk'] });
    world.users.set('A', enrollmentOf());
    expect(await pageOf(TURN_OFF)).toEqual({
      ...OFF,
      sentences: ["You'll sign in without a code."],
    });
  });

  test('they signed in a moment ago, and passed a factor then', async () => {
    world.pass(601);
    expect(await askedOf(TURN_OFF, { mark: { verifiedAt: world.core.clock() - 601_000 } })).toEqual(
      refuse('fresh_second_factor_required'),
    );
    expect(await askedOf(TURN_OFF, { mark: false })).toEqual(
      refuse('fresh_second_factor_required'),
    );
    const freshLogin = { seconds: 600, signedInAt: () => world.core.clock() - 601_000 };
    world = gateWorld({ freshLogin });
    world.users.set('A', enrollmentOf());
    expect(await askedOf(TURN_OFF)).toEqual(refuse('fresh_login_required'));
    world.users.delete('A');
    expect(await askedOf(TURN_OFF, { mark: false })).toEqual(refuse('enrollment_required'));
  });
});

describe('[S205] before new recovery codes are made', () => {
  const NEW = {
    title: 'Get new recovery codes?',
    button: 'Get new recovery codes',
    action: '/second-factor/recovery-codes',
  };

  test('their user reads what becomes of those that are left', async () => {
    const why = "They let you in when you can't get a text.";
    expect(await pageOf(NEW_CODES)).toEqual({ ...NEW, sentences: [why] });
    giveRecoveryCodes(world);
    const [dies] = (await pageOf(NEW_CODES)).sentences;
    expect(dies).toBe(
      "The 10 recovery codes that you have left stop working once you tell us that you've saved the new ones.",
    );
  });

  test('there is a phone and a fresh factor', async () => {
    expect(await askedOf(NEW_CODES, { mark: false })).toEqual(
      refuse('fresh_second_factor_required'),
    );
    world.users.delete('A');
    expect(await askedOf(NEW_CODES, { mark: false })).toEqual(refuse('enrollment_required'));
  });

  test('nothing is asked where none are left: they are made at once', async () => {
    const made = { ok: true, status: 200, location: '/codes' } as const;
    const post = askingFirst(NEW_CODES, async () => made);
    expect(await post(await exchangeIn(world, posted({})))).toBe(made);
    world.users.delete('A');
    expect(await post(await exchangeIn(world, { mark: false, ...posted({}) }))).toBe(made);
    world.users.set('A', enrollmentOf());
    giveRecoveryCodes(world);
    expect(await post(await exchangeIn(world, posted({})))).toEqual({
      ok: true,
      status: 200,
      location: '/second-factor/recovery-codes/new',
    });
  });
});

describe('[S205] before the trust in browsers is ended', () => {
  beforeEach(() => trustBrowsers(world, 'one', 'two'));

  test('their user reads which, and what comes of it', async () => {
    expect(await pageOf(ONE_BROWSER, named(ID))).toEqual({
      title: 'Stop trusting Browser one?',
      sentences: ["We'll ask for a code there the next time."],
      button: 'Stop trusting',
      action: `/second-factor/devices/${ID}/delete`,
    });
    expect(await pageOf(ALL_BROWSERS)).toEqual({
      title: 'Stop trusting all 2 browsers?',
      sentences: ["We'll ask for a code in each of them the next time."],
      button: 'Stop trusting all browsers',
      action: '/second-factor/devices/delete',
    });
  });

  test.each<[string, Question, Parameters<typeof exchangeIn>[1], ReturnType<typeof refuse>]>([
    ['nobody has passed', ALL_BROWSERS, { mark: false }, refuse('second_factor_required')],
    [
      'a browser stood in',
      ALL_BROWSERS,
      { mark: { amr: [], deviceId: 'one' } },
      refuse('fresh_second_factor_required'),
    ],
    [
      'it is another one',
      ONE_BROWSER,
      named('one'),
      refuse('not_found', { detail: { say: 'detail.browserUnknown' } }),
    ],
    [
      'none is named',
      ONE_BROWSER,
      {},
      refuse('not_found', { detail: { say: 'detail.browserUnknown' } }),
    ],
  ])('nothing is asked where %s', async (_what, question, more, refusal) => {
    expect(await askedOf(question, more)).toEqual(refusal);
  });

  test('nor where none is trusted, or it was in another state of the account', async () => {
    const unknown = refuse('not_found', { detail: { say: 'detail.browserUnknown' } });
    world.users.set('A', { ...world.users.get('A')!, epoch: 'second' });
    expect(await askedOf(ALL_BROWSERS)).toEqual(unknown);
    world.users.set('A', enrollmentOf());
    expect(await askedOf(ALL_BROWSERS)).toEqual(unknown);
  });

  test('an id that is no path is one all the same', async () => {
    const exchange = await exchangeIn(world, named('a/b?c'));
    expect(ONE_BROWSER.path(exchange)).toBe('/devices/a%2Fb%3Fc/delete');
  });
});

describe('[S205] what is asked first', () => {
  const done = { ok: true, status: 204 } as const;
  const PAGE = '/second-factor/enrollment/delete';

  test.each<[string, object, object, number]>([
    ['a form that says yes', posted({ confirm: 'yes' }), done, 1],
    ['a form that says nothing', posted({}), { ok: true, status: 200, location: PAGE }, 0],
    [
      'a form that says no',
      posted({ confirm: 'no' }),
      { ok: true, status: 200, location: PAGE },
      0,
    ],
    ['an API client', { json: true, ...posted({}) }, done, 1],
  ])('is done, or asked: %s', async (_what, more, reply, times) => {
    const act = jest.fn(async () => done);
    expect(await askingFirst(TURN_OFF, act)(await exchangeIn(world, more))).toEqual(reply);
    expect(act).toHaveBeenCalledTimes(times);
  });

  test('comes back to its question where a factor is asked for before it', async () => {
    const refused = refuse('fresh_second_factor_required');
    const act = jest.fn(async () => refused);
    const post = askingFirst(TURN_OFF, act);
    const said = await exchangeIn(world, posted({ confirm: 'yes' }));
    expect(await post(said)).toEqual({ ...refused, backTo: PAGE });
    const unsaid = await exchangeIn(world, { mark: false, ...posted({}) });
    expect(await post(unsaid)).toEqual({ ...refused, backTo: PAGE });
    expect(act).toHaveBeenCalledTimes(1);
    const json = await exchangeIn(world, { json: true, ...posted({}) });
    expect(await post(json)).toBe(refused);
  });
});

describe('a page that asks', () => {
  const HERE = { headers: { host: 'acme.example', 'sec-fetch-site': 'same-origin' } };
  const HOME = { ok: true, status: 200, location: '/second-factor/' };
  const transaction = { userId: 'A', at: 0, words: 'Pay' };
  const stale = { mark: { verifiedAt: 0 }, state: { transaction } };

  test('is shown', async () => {
    const reply = await asking(TURN_OFF)(await exchangeIn(world, HERE));
    expect(reply).toMatchObject({ ok: true, status: 200, page: { page: 'confirm' } });
    expect(reply).not.toHaveProperty('location');
  });

  test('[S184] begins the step-up that it needs, in the place of a payment, and is come back to', async () => {
    const exchange = await exchangeIn(world, { ...HERE, ...stale });
    expect(await asking(TURN_OFF)(exchange)).toEqual(HOME);
    expect(exchange.path()).toBe('/second-factor/enrollment/delete');
    expect(exchange.state()).toMatchObject({
      problem: { code: 'fresh_second_factor_required' },
      stepUpSince: world.core.clock(),
    });
    expect(exchange.state()).not.toHaveProperty('transaction');
  });

  test.each<[string, object]>([
    [
      'another site leads to it',
      { headers: { host: 'acme.example', 'sec-fetch-site': 'cross-site' } },
    ],
    ['a browser tells nothing', { headers: { host: 'acme.example' } }],
  ])('[S184] [S185] begins nothing where %s', async (_what, more) => {
    const exchange = await exchangeIn(world, { ...more, ...stale });
    expect(await asking(TURN_OFF)(exchange)).toEqual(HOME);
    expect([exchange.path(), exchange.state().problem, exchange.state().transaction]).toEqual([
      undefined,
      undefined,
      transaction,
    ]);
  });

  test('begins none for what another factor is no help with', async () => {
    world.users.set('A', enrollmentOf(PHONE));
    const exchange = await exchangeIn(world, { ...HERE, ...named('none') });
    expect(await asking(ONE_BROWSER)(exchange)).toEqual(HOME);
    expect([exchange.path(), exchange.state().problem]).toEqual([undefined, undefined]);
  });
});
