import { signOutPlace } from '../../lib/core/sessions';
import { SecondFactorError } from '../../lib/errors';
import { isFresh } from '../../lib/express/account';
import {
  deviceName,
  deviceTokenOf,
  forgetDevice,
  trustDays,
  trustThisDevice,
} from '../../lib/express/trusted-device';
import { START } from '../helpers/core';
import { DAYS, deviceWorld, NAME, type DeviceWorld } from './device-world';

let world: DeviceWorld;
beforeEach(() => {
  world = deviceWorld();
});

test('[S83] the cookie is this host’s only, out of reach of scripts, and dies with the trust', async () => {
  await world.trust(
    world.request({ headers: { 'user-agent': 'Mozilla/5.0 (X11; Linux) Firefox/140.0' } }),
  );
  expect(world.cookies).toEqual([
    expect.stringMatching(
      new RegExp(
        `^Set-Cookie: ${NAME}=[\\w-]{22}\\.[\\w-]{43}; Max-Age=${DAYS * 86_400}; Path=/; HttpOnly; Secure; SameSite=Lax$`,
      ),
    ),
  ]);
  expect(world.devices()).toEqual([expect.objectContaining({ name: 'Firefox on Linux' })]);
  expect(deviceTokenOf(world.core, world.request(), 'A')?.id).toBe(world.devices()![0]!.id);
  expect(deviceTokenOf(world.core, world.request(), 'B')).toBeUndefined();
  expect(deviceTokenOf(world.core, world.request({}, ''), 'A')).toBeUndefined();
});

test('[S82] the gate opens for a trusted browser, not for a step-up nor for a method', async () => {
  await world.trust();
  const before = world.cookie();
  const entered = await world.enter({});
  expect(entered.passed).toBe(true);
  expect(String(entered.headers['Set-Cookie'])).toContain(NAME);
  for (const options of [{ maxAge: 86_400 }, { methods: ['sms'] }, { methods: ['mfa'] }]) {
    expect((await world.enter(options, world.request({}, before))).passed).toBe(false);
  }
  expect((await world.enter({}, world.request({}, ''))).passed).toBe(false);
  const req = world.request({}, before);
  await world.use(req);
  expect(isFresh(world.edge, await world.account(req), Infinity)).toBe(false);
});

test('a session that has passed by itself does not use up the cookie', async () => {
  await world.trust();
  const req = world.request();
  const mark = await world.verify(req);
  expect(await world.use(req)).toEqual(mark);
  expect((await world.enter({}, req)).passed).toBe(true);
  expect([world.cookies.length, world.told('device_used').length]).toEqual([1, 0]);
});

test('[S83] where the app gives no trust any more the marks of devices are worth nothing', async () => {
  await world.trust();
  const req = world.request();
  await world.use(req);
  expect((await world.account(req)).mark).toBeDefined();
  world.edge.settings = { ...world.edge.settings, deviceLifetimeMs: undefined };
  expect((await world.account(req)).mark).toBeUndefined();
  await world.verify(req);
  expect((await world.account(req)).mark).toBeDefined();
});

test('[S83] without the option nobody is trusted, and no cookie lets anybody pass', async () => {
  await world.trust();
  world.edge.settings = { ...world.edge.settings, deviceLifetimeMs: undefined };
  expect(await world.use()).toBeUndefined();
  await world.trust();
  expect([world.cookies.length, world.devices()!.length]).toEqual([1, 1]);
});

test('[S83] without the option a browser is not trusted for the first time either', async () => {
  world.edge.settings = { ...world.edge.settings, deviceLifetimeMs: undefined };
  await world.trust();
  expect([world.cookies, world.devices()]).toEqual([[], undefined]);
});

test('[S188] in a session that has ended no trust is left, and no cookie is given', async () => {
  await world.core.counter.settle({ take: [signOutPlace(world.core, 'sid')] });
  await world.trust();
  expect([world.cookies, world.devices() ?? []]).toEqual([[], []]);
  await world.trust(world.request({ sessionID: 'another' }));
  expect([world.cookies.length, world.devices()!.length]).toEqual([1, 1]);
});

test('[S83] two browsers of a user have two tokens, each for its session', async () => {
  for (const sessionID of ['one', 'two']) await world.trust(world.request({ sessionID }, ''));
  expect(new Set(world.devices()!.map(({ id }) => id)).size).toBe(2);
  expect(new Set(world.cookies.map((cookie) => cookie.split(';')[0])).size).toBe(2);
});

test('[S83] a request without an answer, such as an upgrade, neither trusts nor passes', async () => {
  await world.trust(world.request({ res: undefined }));
  expect(world.devices()).toBeUndefined();
  await world.trust();
  expect(await world.use(world.request({ res: undefined }))).toBeUndefined();
  expect(world.told('device_used')).toEqual([]);
});

test('[S83] another user’s cookie, a foreign token, and no enrollment let nobody pass', async () => {
  await world.trust();
  expect(
    await world.use(world.request({}, world.cookie().replace(NAME, `${NAME}x`))),
  ).toBeUndefined();
  expect(
    await world.use(world.request({}, `${NAME}=${'x'.repeat(22)}.${'y'.repeat(43)}`)),
  ).toBeUndefined();
  world.users.clear();
  expect(await world.use()).toBeUndefined();
});

test('[S31] where the hard stop disabled the phone no device stands in for it', async () => {
  await world.trust();
  world.users.set('A', { ...world.users.get('A')!, disabledAt: START });
  expect(await world.use()).toBeUndefined();
  expect(world.told('device_used')).toEqual([]);
});

test('[S179] a browser that is trusted is not trusted again, and keeps its cookie', async () => {
  await world.trust();
  const [first] = world.devices()!;
  await world.trust();
  expect([world.devices(), world.cookies.length]).toEqual([[first], 1]);
});

test('[S83] days of trust are offered where the browser is not trusted, and the app lets it', async () => {
  const offered = async (req = world.request()): Promise<number | undefined> =>
    trustDays(world.edge, req, 'A', await world.account(req));
  expect(await offered()).toBe(DAYS);
  await world.trust();
  expect(await offered()).toBeUndefined();
  expect(await offered(world.request({}, ''))).toBe(DAYS);
  expect(await offered(world.request({}, `${NAME}=${'x'.repeat(22)}.${'y'.repeat(43)}`))).toBe(
    DAYS,
  );
  world.users.set('A', { ...world.users.get('A')!, epoch: 'second' });
  expect(await offered()).toBe(DAYS);
  world.users.clear();
  expect(await offered()).toBe(DAYS);
  world.edge.settings = { ...world.edge.settings, deviceLifetimeMs: undefined };
  expect(await offered()).toBeUndefined();
});

test('[S181] a cookie that is taken back is empty, and over', () => {
  const req = world.request();
  forgetDevice(world.edge, req.res!, 'A');
  req.res!.writeHead(204);
  expect(req.res!.getHeader('Set-Cookie')).toEqual([
    `${NAME}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`,
  ]);
});

test('[S83] a factor that was changed meanwhile sets no cookie', async () => {
  const req = world.request();
  await trustThisDevice(world.edge, req, await world.whoIs(req), 'the state before');
  expect([world.cookies, world.told('store_failed')]).toEqual([[], []]);
});

test('a store that fails costs the trust and nothing else; it is told', async () => {
  const away = new SecondFactorError('store_unavailable', 'away');
  jest.spyOn(world.core.enrollments, 'set').mockRejectedValue(away);
  await world.trust();
  expect(world.cookies).toEqual([]);
  expect(world.told('store_failed')).toEqual([{ at: START, ip: '192.0.2.1', error: away }]);
});

test('storage that was set up wrong costs the trust as well, and the operator reads what to mend', async () => {
  const lines: unknown[] = [];
  world.core.tell = (...line) => void lines.push(line);
  const wrong = new SecondFactorError('misconfigured', 'enrollments.set answered true. Mend it.');
  jest.spyOn(world.core.enrollments, 'set').mockRejectedValue(wrong);
  await world.trust();
  expect([world.cookies, world.told('store_failed')]).toEqual([[], []]);
  expect(lines).toEqual([['error', 'misconfigured', `misconfigured: ${wrong.message}`]]);
});

describe('the name of a browser', () => {
  const LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const PHONE =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

  test.each([
    [LINUX, 'Firefox on Linux'],
    [PHONE, 'Safari on iOS'],
    ['curl/8.5.0', /^[A-Za-z0-9 ._-]+$/],
  ])('%s is %s', (header, name) => {
    expect(deviceName(header)).toEqual(
      typeof name === 'string' ? name : expect.stringMatching(name),
    );
  });

  test.each([[undefined], ['']])('%j is an unknown browser', (header) => {
    expect(deviceName(header)).toBe('Unknown browser');
  });

  test('a system without a browser is named, and a browser without a system', () => {
    expect(deviceName('(X11; Linux)')).toBe('Unknown browser on Linux');
    expect(deviceName('Firefox/140.0')).toBe('Firefox');
  });

  test('only the first 512 characters of the header are looked at', () => {
    expect(deviceName('x'.repeat(512) + LINUX)).not.toContain('Firefox');
    expect(deviceName('('.repeat(512 - 13) + 'Firefox/140.0')).toBe('Firefox');
  });

  test.each(['<script>/1.0', '<b>x</b>/1 (Linux)', 'a&b/1', 'x\u202e/1', '"x"/1'])(
    '[S83] of the header %j nothing but plain words is kept',
    (header) => {
      const name = deviceName(header);
      expect(name).toMatch(/^[A-Za-z0-9 ._-]+$/);
      expect(name.length).toBeLessThanOrEqual(60);
    },
  );

  test('a name has sixty characters at most', () => {
    expect(deviceName(`${'A'.repeat(200)}/1.0`).length).toBeLessThanOrEqual(60);
  });
});
