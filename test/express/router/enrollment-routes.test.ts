import { refuse } from '../../../lib/core/outcomes';
import { confirmPhone, enroll, remove } from '../../../lib/express/router/enrollment-routes';
import { markIn } from '../../../lib/express/session-state';
import { enrollmentOf, PHONE, START } from '../../helpers/core';
import { gateWorld, type GateWorld } from '../gate-world';
import { exchangeIn, posted, withoutPhone } from './exchange-world';

const OTHER = '+12065550143';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
});
const none = { mark: false } as const;
const json = { json: true };
const code = (): string => /\d{6}/.exec(world.outbox.last()!.body)![0];
const stale = { mark: { verifiedAt: START - 601_000 } };

describe('POST /enrollment', () => {
  const name = (fields: object, more: object = none) =>
    exchangeIn(world, { ...more, ...posted(fields) });

  test.each([undefined, 7, ['1']])('takes fields, and no %j', async (body) => {
    const exchange = await exchangeIn(world, { ...none, ...posted({}), body });
    expect(await enroll(exchange)).toEqual(refuse('request_malformed'));
    expect(exchange.state()).toEqual({});
  });

  test('texts a code to a first phone, and keeps nothing of what was typed', async () => {
    const typed = { text: '555', userId: 'A', at: START };
    const exchange = await name(
      { phone: '206 555 0143', country: 'US' },
      { ...none, state: { typed } },
    );
    expect(await enroll(exchange)).toMatchObject({
      ok: true,
      status: 202,
      document: { enrolled: false, challenge: { purpose: 'enroll' } },
    });
    expect(world.outbox.last()!.to).toBe(OTHER);
    expect(exchange.state()).toEqual({});
  });

  test('[S203] keeps what was refused for the page that shows it again, and for no API client', async () => {
    const exchange = await name({ phone: '555' });
    expect(await enroll(exchange)).toMatchObject({ code: 'phone_invalid' });
    expect(exchange.state()).toEqual({ typed: { text: '555', userId: 'A', at: START } });
    const client = await name({ phone: '555' }, { ...none, ...json });
    const refused = await enroll(client);
    expect(refused).toMatchObject({ code: 'phone_invalid' });
    expect(refused).not.toHaveProperty('backTo');
    expect(client.state()).toEqual({});
  });

  test('reads the country that was chosen beside it', async () => {
    expect(await enroll(await name({ phone: '206 555 0143', country: 'abc' }))).toMatchObject({
      code: 'request_malformed',
      detail: { say: 'detail.countryMalformed' },
    });
  });

  test('keeps it also where something breaks', async () => {
    const away = new Error('away');
    Object.assign(world.core, { counter: { settle: () => Promise.reject(away) } });
    const exchange = await name({ phone: OTHER });
    await expect(enroll(exchange)).rejects.toBe(away);
    expect(exchange.state().typed).toMatchObject({ text: OTHER });
  });

  test('[S205] asks for a fresh factor before another phone, and leads back to its form', async () => {
    world.users.set('A', enrollmentOf());
    const backTo = '/second-factor/?open=phone';
    for (const more of [none, stale]) {
      expect(await enroll(await name({ phone: OTHER }, more))).toMatchObject({
        code: 'fresh_second_factor_required',
        backTo,
      });
    }
    expect(world.outbox.messages).toEqual([]);
    expect(await enroll(await name({ phone: OTHER }, {}))).toMatchObject({
      status: 202,
      document: { challenge: { purpose: 'replace' } },
    });
  });

  test('asks for a sign-in of a moment ago before a first phone, and not before another one', async () => {
    const freshLogin = { seconds: 60, signedInAt: () => START - 61_000 };
    world = gateWorld({ freshLogin });
    expect(await enroll(await name({ phone: OTHER }))).toEqual(refuse('fresh_login_required'));
    world.users.set('A', enrollmentOf());
    expect(await enroll(await name({ phone: OTHER }, {}))).toMatchObject({ status: 202 });
  });

  test('asks for the factor that is there already before a first phone', async () => {
    world = gateWorld({ hasOwnFactor: () => true });
    const refused = refuse('second_factor_required');
    expect(await enroll(await name({ phone: OTHER }))).toEqual(refused);
    expect(await confirmPhone(await name({ code: '123456' }))).toEqual(refused);
    expect(world.outbox.messages).toEqual([]);
    const passed = await withoutPhone(world, posted({ phone: OTHER }));
    expect(await enroll(passed)).toMatchObject({ status: 202 });
    world.users.set('A', enrollmentOf());
    world.pass(60);
    expect(await enroll(await name({ phone: '+12065550144' }, {}))).toMatchObject({ status: 202 });
    expect(await enroll(await name({ phone: OTHER }))).toMatchObject({
      code: 'fresh_second_factor_required',
    });
  });
});

describe('POST /enrollment/verify', () => {
  test.each([undefined, 7])('takes fields, and no %j', async (body) => {
    const exchange = await exchangeIn(world, { ...none, ...posted({}), body });
    expect(await confirmPhone(exchange)).toEqual(refuse('request_malformed'));
  });

  test('reads a code before anything else', async () => {
    const exchange = await exchangeIn(world, { ...none, ...posted({ code: 'abc' }) });
    expect(await confirmPhone(exchange)).toMatchObject({ code: 'code_malformed' });
    expect(world.added).toEqual([]);
  });

  test.each([false, true])(
    'with the right code enrolls the phone, verifies the session and shows recovery codes; JSON: %p',
    async (isJson) => {
      const exchange = await exchangeIn(world, {
        ...none,
        json: isJson,
        ...posted({ phone: PHONE }),
      });
      await enroll(exchange);
      const session = (): Record<string, unknown> => exchange.req.session as never;
      session().returnTo = '/secret';
      const typed = code();
      exchange.req.body = { code: typed };
      const reply = await confirmPhone(exchange);
      expect(reply).toEqual({
        ok: true,
        status: 200,
        location: '/second-factor/recovery-codes',
        document: {
          enrolled: true,
          verified: true,
          recoveryCodes: expect.any(Array),
          acknowledged: false,
        },
      });
      expect(
        (reply as { document: { recoveryCodes: string[] } }).document.recoveryCodes,
      ).toHaveLength(10);
      expect(world.users.get('A')).toMatchObject({ phone: PHONE, confirmedAt: START });
      expect(markIn(exchange.req)).toMatchObject({ userId: 'A', amr: ['sms'] });
      // A browser goes on there once the codes are kept.
      expect(session().returnTo).toBe(isJson ? undefined : '/secret');
    },
  );

  test('with a wrong one enrolls nobody', async () => {
    const exchange = await exchangeIn(world, { ...none, ...posted({ phone: PHONE }) });
    await enroll(exchange);
    const wrong = code() === '123456' ? '123457' : '123456';
    exchange.req.body = { code: wrong };
    expect(await confirmPhone(exchange)).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 });
    expect(world.users.size).toBe(0);
  });
});

describe('DELETE /enrollment', () => {
  const off = { ok: true, status: 204, notice: 'notice.off' };

  test('takes the phone away, for a fresh factor', async () => {
    world.users.set('A', enrollmentOf());
    for (const more of [none, stale]) {
      expect(await remove(await exchangeIn(world, more))).toEqual(
        refuse('fresh_second_factor_required'),
      );
    }
    expect(world.users.size).toBe(1);
    expect(await remove(await exchangeIn(world, json))).toEqual(off);
    expect(world.users.size).toBe(0);
  });

  test('says to a browser that clicks twice that it is off, and to an API client that nothing is there', async () => {
    expect(await remove(await exchangeIn(world, none))).toEqual(off);
    expect(await remove(await exchangeIn(world, { ...none, ...json }))).toEqual(
      refuse('enrollment_required'),
    );
  });

  test('asks for a sign-in of a moment ago', async () => {
    world = gateWorld({ freshLogin: { seconds: 60, signedInAt: () => START - 61_000 } });
    world.users.set('A', enrollmentOf());
    expect(await remove(await exchangeIn(world))).toEqual(refuse('fresh_login_required'));
    expect(world.users.size).toBe(1);
  });
});
