import { refuse } from '../../../lib/core/outcomes';
import { sendToFactor } from '../../../lib/core/send/send-code';
import { SecondFactorError } from '../../../lib/errors';
import {
  alreadyIn,
  cancelChallenge,
  showChallenge,
  showDue,
  showResume,
  showStatus,
  startChallenge,
  takeWayOn,
  verify,
} from '../../../lib/express/router/challenge-routes';
import type { Exchange } from '../../../lib/express/router/exchange';
import type { KeptPost, SessionState } from '../../../lib/express/session-state';
import { enrollmentOf, START } from '../../helpers/core';
import { deviceWorld } from '../device-world';
import { gateWorld, type GateWorld } from '../gate-world';
import { accountIn, exchangeIn, posted, withoutPhone } from './exchange-world';

let world: GateWorld;
const begin = (settings: object = {}): void => {
  world = gateWorld(settings);
  world.users.set('A', enrollmentOf());
};
beforeEach(() => begin());

const json = { json: true };
const signIn = { mark: false } as const;
const to = (location: string) => ({ ok: true, status: 200, location });
const comeBackTo = ({ req }: Exchange, path: string): void => {
  (req.session as unknown as Record<string, string>).returnTo = path;
};
/** A code that is pending in this session. */
async function send(exchange: Exchange, purpose: 'sign-in' | 'step-up'): Promise<string> {
  const { edge, who } = exchange;
  const sent = await sendToFactor(edge.core, who, await accountIn(exchange), purpose);
  expect(sent.ok).toBe(true);
  return /\d{6}/.exec(world.outbox.last()!.body)![0];
}

describe('GET /', () => {
  test('is the status for an API client, and the page that is due for a browser', async () => {
    expect(await showStatus(await exchangeIn(world, { ...json, ...signIn }))).toMatchObject({
      status: 200,
      document: { enrolled: true, verified: false },
    });
    const page = await showStatus(await exchangeIn(world, signIn));
    expect(page).toMatchObject({ ok: true, status: 200, page: { page: 'challenge' } });
    expect(page).not.toHaveProperty('document');
  });

  test.each([
    [undefined, '/'],
    ['/secret', '/secret'],
  ])('leads a browser that is trusted on, remembered %j: %s', async (path, leadsTo) => {
    const trusting = deviceWorld();
    await trusting.trust();
    const exchange = await exchangeIn(trusting, signIn);
    if (path !== undefined) comeBackTo(exchange, path);
    expect(await showStatus(exchange)).toEqual(to(leadsTo));
    expect(exchange.path()).toBeUndefined();
    const client = await exchangeIn(trusting, { ...json, ...signIn });
    expect(await showStatus(client)).toMatchObject({ document: { verified: true } });
  });
});

describe('GET /challenge', () => {
  test('is what is pending, for who asks by JSON', async () => {
    const exchange = await exchangeIn(world, { ...json, ...signIn });
    expect(await showChallenge(exchange)).toEqual(refuse('challenge_expired'));
    await send(exchange, 'sign-in');
    expect(await showChallenge(exchange)).toMatchObject({
      ok: true,
      status: 200,
      document: { purpose: 'sign-in', attemptsLeft: 5, sentAt: new Date(START).toISOString() },
    });
  });

  test('leads a browser to its page', async () => {
    expect(await showChallenge(await exchangeIn(world, signIn))).toEqual(to('/second-factor/'));
  });
});

describe('POST /challenge', () => {
  test.each([undefined, 'sms'])('texts a code: channel %j', async (channel) => {
    const exchange = await exchangeIn(world, { ...signIn, ...posted({ channel }), ...json });
    const reply = await startChallenge(exchange);
    expect(reply).toMatchObject({ ok: true, status: 202, document: { verified: false } });
    expect(reply).not.toHaveProperty('notice');
    expect(world.outbox.messages).toHaveLength(1);
    expect(exchange.state()).toEqual({});
  });

  test.each(['fax', 7, ['sms'], null])('knows no channel %j', async (channel) => {
    const exchange = await exchangeIn(world, { ...signIn, ...posted({ channel }) });
    const detail = { say: 'detail.channelUnknown' } as const;
    const refused = channel === null ? undefined : refuse('request_malformed', { detail });
    const reply = await startChallenge(exchange);
    if (refused !== undefined) expect(reply).toEqual(refused);
    expect(world.outbox.messages).toHaveLength(channel === null ? 1 : 0);
  });

  test.each<[string, object | undefined, object, boolean]>([
    ['the app has none', undefined, signIn, false],
    ['it is for a sign-in', {}, signIn, true],
    ['it is for a step-up', {}, {}, false],
    ['the app wants that for a step-up', { stepUp: true }, {}, true],
  ])('mails a code, or does not: %s', async (_what, email, more, mails) => {
    begin({ email });
    const sent = jest.fn(async () => ({}));
    const address = () => 'alice@example.com';
    Object.assign(world.core, { email: { sender: { send: sent }, address } });
    const exchange = await exchangeIn(world, { ...more, ...posted({ channel: 'email' }) });
    const reply = await startChallenge(exchange);
    if (mails) expect(reply).toMatchObject({ document: { challenge: { channel: 'email' } } });
    else expect(reply).toEqual(refuse('channel_not_available'));
    expect([sent.mock.calls.length, world.outbox.messages.length]).toEqual([mails ? 1 : 0, 0]);
    if (!mails) return;
    world.pass(60);
    expect(await startChallenge(exchange)).toMatchObject({ notice: 'notice.emailedAgain' });
  });

  test('says on its page that the code went out again, and only then', async () => {
    const exchange = await exchangeIn(world, { ...signIn, ...posted({}) });
    expect(await startChallenge(exchange)).not.toHaveProperty('notice');
    expect(exchange.state()).toEqual({ askedAt: START });
    world.pass(60);
    expect(await startChallenge(exchange)).toMatchObject({ notice: 'notice.textedAgain' });
    expect(exchange.state().askedAt).toBe(START + 60_000);
  });

  test('keeps the page of a step-up one, also when its code is over', async () => {
    const fresh = await exchangeIn(world, posted({}));
    await startChallenge(fresh);
    expect(fresh.state()).toMatchObject({ askedAt: START, stepUpSince: START });
    begin();
    const due = await exchangeIn(world, { ...posted({}), state: { stepUpSince: START - 599_999 } });
    await startChallenge(due);
    expect(due.state().stepUpSince).toBe(START - 599_999);
    begin();
    const over = await exchangeIn(world, {
      ...posted({}),
      state: { stepUpSince: START - 600_000 },
    });
    await startChallenge(over);
    expect(over.state().stepUpSince).toBe(START);
  });

  test('of which nobody knows whether it went out makes this session wait all the same', async () => {
    const lost = new SecondFactorError('delivery_failed', 'lost', { reason: 'unknown_outcome' });
    Object.assign(world.core, { sender: { send: () => Promise.reject(lost) } });
    const exchange = await exchangeIn(world, { ...signIn, ...posted({}) });
    await expect(startChallenge(exchange)).rejects.toBe(lost);
    expect(exchange.state()).toEqual({ askedAt: START });
  });

  test('that is refused leaves nothing in the session', async () => {
    world.users.delete('A');
    const exchange = await exchangeIn(world, { ...signIn, ...posted({}) });
    expect(await startChallenge(exchange)).toEqual(refuse('enrollment_required'));
    expect(exchange.state()).toEqual({});
  });
});

describe('DELETE /challenge', () => {
  const keptPost: KeptPost = {
    id: 'x'.repeat(22),
    userId: 'A',
    at: START,
    epoch: '',
    path: '/pay',
    fields: [],
  };
  const transaction = { userId: 'A', at: START, words: 'Pay' };
  const state: SessionState = { stepUpSince: START, keptPost, transaction };

  test('ends a step-up: its code is dead, and what waited for it is not done', async () => {
    const exchange = await exchangeIn(world, { state });
    const code = await send(exchange, 'step-up');
    comeBackTo(exchange, '/secret');
    expect(await cancelChallenge(exchange)).toEqual({ ok: true, status: 204, location: '/' });
    expect(Object.keys(exchange.state())).toEqual(['mark']);
    expect(exchange.path()).toBeUndefined();
    Object.assign(exchange.req, { ...posted({ code }), accepts: () => 'json' });
    expect(await verify(exchange)).toEqual(refuse('challenge_expired'));
  });

  test('leads back to the page that it was begun on, where that is the library’s', async () => {
    const exchange = await exchangeIn(world, { state });
    comeBackTo(exchange, '/second-factor/?open=phone');
    expect(await cancelChallenge(exchange)).toMatchObject({ location: '/second-factor/' });
  });

  test('does not end a sign-in', async () => {
    const exchange = await exchangeIn(world, { ...signIn, state });
    await send(exchange, 'sign-in');
    expect(await cancelChallenge(exchange)).toEqual(refuse('second_factor_required'));
    expect(exchange.state()).toEqual(state);
  });
});

describe('POST /verify', () => {
  test.each([undefined, 7, ['1']])('takes fields, and no %j', async (body) => {
    const exchange = await exchangeIn(world, { ...signIn, ...posted({}), body });
    expect(await verify(exchange)).toEqual(refuse('request_malformed'));
  });

  test('with the right code verifies the session, and says where its user was going', async () => {
    const exchange = await exchangeIn(world, { ...signIn, ...json });
    const code = await send(exchange, 'sign-in');
    Object.assign(exchange.req, posted({ code }));
    comeBackTo(exchange, '/secret?a=1');
    const document = { verified: true, returnTo: '/secret?a=1' };
    expect(await verify(exchange)).toEqual({ ...to('/secret?a=1'), document });
  });

  test('leads a tab that comes later on to where its user went, and tells an API client that it is over', async () => {
    const wentTo = { path: '/secret', at: START };
    const tab = await exchangeIn(world, { ...posted({ code: '123456' }), state: { wentTo } });
    expect(await verify(tab)).toEqual(to('/secret'));
    const client = await exchangeIn(world, { ...json, ...posted({ code: '123456' }) });
    expect(await verify(client)).toEqual(refuse('challenge_expired'));
  });
});

describe('where a user goes with a right code', () => {
  test.each([
    [undefined, '/', undefined, undefined],
    ['/secret?a=1', '/secret?a=1', { path: '/secret?a=1', at: START }, undefined],
    ['//evil.example', '/', undefined, undefined],
    [
      '/second-factor/?open=phone',
      '/second-factor/?open=phone',
      { path: '/second-factor/?open=phone', at: START },
      'notice.confirmed',
    ],
    [
      '/second-factor/resume',
      '/second-factor/resume',
      { path: '/second-factor/resume', at: START },
      undefined,
    ],
  ])('remembered %j: %s', async (path, leadsTo, wentTo, notice) => {
    const exchange = await exchangeIn(world);
    if (path !== undefined) comeBackTo(exchange, path);
    expect(takeWayOn(world.edge, exchange.req)).toBe(leadsTo);
    expect(exchange.path()).toBeUndefined();
    expect([exchange.state().wentTo, exchange.state().notice]).toEqual([wentTo, notice]);
  });
});

describe('[S202] another tab that still asks for a code', () => {
  const wentTo = { path: '/secret', at: START };
  const over = 'challenge_expired';

  test('goes where its user wants to go, went a moment ago, or home', async () => {
    expect(await alreadyIn(await exchangeIn(world), over)).toEqual(to('/'));
    const tab = await exchangeIn(world, { state: { wentTo } });
    world.pass(299.999);
    expect(await alreadyIn(tab, 'code_malformed')).toEqual(to('/secret'));
    world.pass(0.001);
    expect(await alreadyIn(tab, over)).toEqual(to('/'));
    comeBackTo(tab, '/new');
    expect(await alreadyIn(tab, over)).toEqual(to('/new'));
    expect(tab.path()).toBeUndefined();
  });

  test.each<[string, Parameters<typeof exchangeIn>[1], 'challenge_expired' | 'code_incorrect']>([
    ['a code was wrong', {}, 'code_incorrect'],
    ['an API client asks', json, over],
    ['nobody has passed', signIn, over],
    ['a step-up is asked for', { state: { stepUpSince: START } }, over],
  ])('stays where it is where %s', async (_what, more, code) => {
    expect(await alreadyIn(await exchangeIn(world, more), code)).toBeUndefined();
  });

  test('stays where a code of a step-up is pending, or there is no phone any more', async () => {
    const exchange = await exchangeIn(world);
    await send(exchange, 'step-up');
    expect(await alreadyIn(exchange, over)).toBeUndefined();
    expect(await showDue(exchange)).toEqual(to('/second-factor/'));
    expect(await alreadyIn(await withoutPhone(world), over)).toBeUndefined();
  });

  test('is led on at a path that only a form posts to', async () => {
    expect(await showDue(await exchangeIn(world, { state: { wentTo } }))).toEqual(to('/secret'));
    expect(await showDue(await exchangeIn(world, signIn))).toEqual(to('/second-factor/'));
  });
});

describe('GET /resume', () => {
  const kept = async (more: Partial<KeptPost> = {}): Promise<{ state: SessionState }> => {
    const { epoch } = await accountIn(await exchangeIn(world));
    const id = 'x'.repeat(22);
    const keptPost = { id, userId: 'A', at: START, epoch, path: '/pay?a=1', fields: [] };
    return { state: { keptPost: { ...keptPost, ...more } } };
  };
  const page = (sentence: string, status = 200) => ({
    ok: true,
    status,
    page: expect.objectContaining({ page: 'message', status, sentence }),
  });
  /** So often was the form sent, and answered without an error. */
  const was = async (id: string, times: number): Promise<void> => {
    const key = `${world.core.keyring.subjects.form(id)}#sent`;
    for (let each = 0; each < times; each += 1) {
      await world.core.counter.settle({ take: [{ key, window: 86_400_000, limit: 5 }] });
    }
  };

  test('needs a verified session', async () => {
    expect(await showResume(await exchangeIn(world, signIn))).toEqual(to('/second-factor/'));
    expect(await showResume(await exchangeIn(world, { ...signIn, ...json }))).toEqual(
      refuse('second_factor_required'),
    );
  });

  test('offers the form that waits', async () => {
    const post = await kept({ fields: [['to', 'bob']] });
    expect(await showResume(await exchangeIn(world, post))).toMatchObject({
      ok: true,
      status: 200,
      page: {
        page: 'resume',
        path: '/pay?a=1',
        form: {
          action: `/pay?a=1&sms2fa-form=${'x'.repeat(22)}`,
          fields: [{ name: 'to', value: 'bob' }],
        },
      },
    });
    expect(await showResume(await exchangeIn(world, { ...json, ...post }))).toEqual({
      ok: true,
      status: 200,
      document: { method: 'POST', path: '/pay?a=1' },
    });
  });

  test.each([
    [1, 'This has been sent.', 'detail.formSent'],
    [2, 'This has been done.', 'detail.formDone'],
  ])(
    'says what became of one that was sent, whatever the session says of it (%i)',
    async (times, _says, detail) => {
      const post = await kept();
      const sent = { state: { sentPost: { id: 'y'.repeat(22), userId: 'A', at: START } } };
      await was('x'.repeat(22), times);
      await was('y'.repeat(22), times);
      for (const state of [post, sent]) {
        expect(await showResume(await exchangeIn(world, { ...json, ...state }))).toEqual(
          refuse('not_found', { detail: { say: detail as never } }),
        );
        const shown = await showResume(await exchangeIn(world, state));
        expect(shown).toMatchObject({
          ok: true,
          status: 200,
          page: { page: 'message', status: 200 },
        });
      }
    },
  );

  test('says that a form is lost to whom it was, and to others that there is none', async () => {
    const LOST = "What you submitted wasn't done, and we no longer have it. Submit it again.";
    const NONE = "There's nothing to finish.";
    const theirs = { sentPost: { id: 'y'.repeat(22), userId: 'B', at: START } };
    const cases: [{ state: SessionState }, string, string][] = [
      [await kept({ at: START - 300_000 }), LOST, 'detail.formLost'],
      [await kept({ epoch: 'before' }), LOST, 'detail.formLost'],
      [await kept({ userId: 'B' }), NONE, 'detail.formNone'],
      [{ state: theirs }, NONE, 'detail.formNone'],
      [{ state: {} }, NONE, 'detail.formNone'],
    ];
    for (const [state, sentence, detail] of cases) {
      const exchange = await exchangeIn(world, state);
      expect(await showResume(exchange)).toEqual(page(sentence, 404));
      expect(exchange.state()).not.toHaveProperty('keptPost');
      expect(await showResume(await exchangeIn(world, { ...json, ...state }))).toEqual(
        refuse('not_found', { detail: { say: detail as never } }),
      );
    }
  });
});
