import type { Notice } from '../../lib';
import {
  failTexted,
  newestCode,
  pending,
  PHONES,
  signIn,
  startApp,
  verified,
  wrongCode,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { publicDevice } from '../../lib/core/devices/trusted-devices';
import { ROUTER } from '../helpers/paths';
import { cookieFrom, knock } from '../helpers/web';

const {
  challenge: send,
  verify,
  recovery: recover,
  recoveryCodes: renew,
  enrollment: enroll,
  confirm,
  devices,
} = ROUTER;
const NEW = '+12065550199';
const [MASKED, NEW_MASKED] = ['••• ••• ••42', '••• ••• ••99'];
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

let app: TestApp;
let notices: Notice[];
async function start(options: TestAppOptions = {}): Promise<void> {
  app = await startApp(options);
  notices = [];
  app.secondFactor.on('notice', (notice) => void notices.push(notice));
}

/** What the user would have been told since the last look. */
const told = (): Notice[] => notices.splice(0);
const facts = (username: string, phone: string = MASKED) => ({
  at: app.clock(),
  userId: `id-of-${username}`,
  ip: '127.0.0.1',
  phone,
});

async function passed(username = 'A'): Promise<Agent> {
  const agent = app.agent();
  await verified(app, agent, username);
  return agent;
}

test('[S101] each change of the phone is told once, a replacement with the number before', async () => {
  await start();
  const agent = app.agent();
  await signIn(agent, 'C');
  await agent.post(enroll).send({ phone: NEW }).expect(202);
  expect(told()).toEqual([]);
  await agent.post(confirm).send({ code: newestCode(app) });
  const first = { ...facts('C', NEW_MASKED), purpose: 'enroll' };
  expect(told()).toEqual([{ action: 'enrolled', ...first }]);

  await app.clock.advance(60);
  await agent.post(enroll).send({ phone: '+12065550188' }).expect(202);
  await agent.post(confirm).send({ code: newestCode(app) });
  const second = { ...facts('C', '••• ••• ••88'), purpose: 'replace', previousPhone: NEW_MASKED };
  expect(told()).toEqual([{ action: 'replaced', ...second }]);

  await app.clock.advance(60);
  await agent.delete(enroll).expect(204);
  expect(told()).toEqual([{ action: 'removed', ...facts('C', '••• ••• ••88') }]);
});

test('[S101] a lock and the hard stop are told once each', async () => {
  await start({ factor: { limits: { hardStop: 15 } } });
  const agent = app.agent();
  await signIn(agent);
  await failTexted(app, agent, 10);
  const until = app.clock() + 900_000;
  const purpose = 'sign-in';
  expect(told()).toEqual([{ action: 'locked', ...facts('A'), purpose, until }]);
  await agent.post(verify).send({ code: '000000' }).expect(429);
  await app.clock.advance(900);
  await failTexted(app, agent, 5);
  expect(told()).toEqual([{ action: 'disabled', ...facts('A'), purpose }]);
  await agent.post(verify).send({ code: '000000' }).expect(429);

  // Wrong recovery codes begin neither.
  expect(told()).toEqual([]);
  for (let failure = 0; failure < 10; failure += 1) {
    await agent.post(recover).send({ recoveryCode: '0000-0000-0000-0000' }).expect(401);
  }
  await agent.post(recover).send({ recoveryCode: '0000-0000-0000-0000' }).expect(429);
  expect(told()).toEqual([]);
});

test('[S101] new recovery codes and the use of one are told, with how many are left', async () => {
  await start();
  const { recoveryCodes } = (await (await passed()).post(renew).send({}).expect(200)).body;
  expect(told()).toEqual([{ action: 'recovery_codes_replaced', ...facts('A') }]);
  const agent = app.agent();
  await signIn(agent);
  const recoveryCode = (recoveryCodes as string[])[3];
  await agent.post(recover).send({ recoveryCode }).expect(200);
  const used = { ...facts('A'), recoveryCodesLeft: 9 };
  expect(told()).toEqual([{ action: 'recovery_used', ...used }]);
  await agent.post(recover).send({ recoveryCode }).expect(401);
  expect(told()).toEqual([]);
});

test('[S101] a device is told by name when it is trusted, when it no longer is, and when its token was copied', async () => {
  await start({ factor: { trustedDevices: { days: 30 } } });
  const deviceIn = (headers: Record<string, unknown>): string =>
    /__Host-[^;]+/.exec([headers['set-cookie']].flat().join('\n'))![0];
  const trust = async (agent: Agent): Promise<string> => {
    const code = await pending(app, agent);
    const answer = await agent
      .post(verify)
      .set('User-Agent', FIREFOX)
      .send({ code, trustDevice: true })
      .expect(200);
    await app.clock.advance(10);
    return deviceIn(answer.headers);
  };
  const agent = app.agent();
  await trust(agent);
  const device = { id: expect.any(String), name: 'Firefox on Linux' };
  const at = app.clock() - 10_000;
  expect(told()).toEqual([{ action: 'device_trusted', ...facts('A'), at, device }]);
  const { id } = publicDevice(app.enrollments.get('id-of-A')!.devices![0]!);
  await agent.delete(`${devices}/${id}`).expect(204);
  const revoked = { ...facts('A'), device: { ...device, id }, reason: 'user' };
  expect(told()).toEqual([{ action: 'device_revoked', ...revoked }]);

  const copied = await trust(app.agent());
  told();
  let newest = copied;
  for (let use = 0; use < 2; use += 1) {
    const next = app.agent();
    await signIn(next);
    const shown = `${cookieFrom(next)}; ${newest}`;
    const { headers } = await app.agent().get('/secret').set('Cookie', shown).expect(200);
    newest = deviceIn(headers);
  }
  expect(told()).toEqual([]);
  const thief = app.agent();
  await signIn(thief);
  expect(await knock(app, `${cookieFrom(thief)}; ${copied}`)).toBe(401);
  expect(told()).toEqual([{ action: 'device_copied', ...facts('A'), device }]);
});

test('[S101] what a support desk does is told with who did it', async () => {
  await start();
  const { admin } = app.secondFactor;
  const by = { operator: 'Grace' };
  const done = { at: app.clock(), userId: 'id-of-A', ...by };
  await admin.unlock('id-of-A', by);
  expect(told()).toEqual([{ action: 'unlocked', ...done }]);
  await admin.revoke('id-of-A', by);
  expect(told()).toEqual([{ action: 'revoked', ...done }]);
  await admin.reset('id-of-A', by);
  expect(told()).toEqual([{ action: 'reset', ...done }]);
  await admin.status('id-of-A');
  expect(told()).toEqual([]);
});

test('[S101] what did not happen is told to nobody, nor is a sign-in', async () => {
  await start({ factor: { trustedDevices: { days: 30 } } });
  const owner = await passed();
  const waiting = app.agent();
  await signIn(waiting);
  await waiting.post(enroll).send({ phone: NEW }).expect(403);
  await waiting.delete(enroll).expect(403);
  await waiting.post(renew).send({}).expect(403);
  await waiting.post(recover).send({ recoveryCode: '0000-0000-0000-0000' }).expect(401);
  await waiting.post(recover).send({ recoveryCode: 'no code' }).expect(400);
  await owner.delete(enroll).set('Sec-Fetch-Site', 'cross-site').expect(403);
  await owner.post(enroll).send({ phone: PHONES.A }).expect(403);
  await owner.delete(`${devices}/nothing`).expect(404);
  await owner.delete(devices).expect(204);
  // A replacement that is given up.
  await owner.post(enroll).send({ phone: NEW }).expect(202);
  const code = newestCode(app, NEW);
  await owner
    .post(confirm)
    .send({ code: wrongCode(code) })
    .expect(401);
  await app.clock.advance(660);
  await owner.post(confirm).send({ code }).expect(403);
  await owner.post(send).send({}).expect(202);
  await owner
    .post(verify)
    .send({ code: newestCode(app) })
    .expect(200);
  expect(told()).toEqual([]);
});

test('[S101] no notice carries a code, a whole number or a session', async () => {
  await start();
  const agent = app.agent();
  await signIn(agent, 'C');
  await agent.post(enroll).send({ phone: NEW }).expect(202);
  const code = newestCode(app);
  const { recoveryCodes } = (await agent.post(confirm).send({ code }).expect(200)).body;
  await app.clock.advance(60);
  await agent.post(enroll).send({ phone: '+12065550188' }).expect(202);
  await agent.post(confirm).send({ code: newestCode(app) });
  const text = JSON.stringify(told());
  for (const secret of [code, newestCode(app), ...(recoveryCodes as string[])]) {
    expect(text).not.toContain(secret);
  }
  expect(text).not.toMatch(/20655501|5550199|5550188/);
  expect(text).not.toContain(/connect\.sid=s%3A([^.]+)/.exec(cookieFrom(agent))![1]);
});

test('[S102] a wrong code after the right password is an event, though the user gives up then', async () => {
  await start();
  const failures: object[] = [];
  app.secondFactor.on('failed', (each) => void failures.push(each));
  const agent = app.agent();
  const code = await pending(app, agent);
  await agent
    .post(verify)
    .send({ code: wrongCode(code) })
    .expect(401);
  await agent.post(recover).send({ recoveryCode: '0000-0000-0000-0000' }).expect(401);
  expect(failures).toEqual([
    { ...facts('A'), purpose: 'sign-in', attemptsLeft: 4 },
    { ...facts('A'), method: 'recovery', attemptsLeft: 9 },
  ]);
});

test('[S173] twenty wrong codes are told once, though the owner signs in between', async () => {
  await start();
  for (let day = 1; day <= 5; day += 1) {
    expect(told().map(({ action }) => action)).toEqual([]);
    const thief = app.agent();
    await signIn(thief);
    await failTexted(app, thief, 4);
    if (day === 5) break;
    await app.clock.advance(600);
    await passed();
    await app.clock.advance(86_400);
  }
  const since = app.clock() - 4 * 87_060_000;
  const found = told();
  expect(found).toEqual([
    {
      action: 'many_wrong_codes',
      ...facts('A'),
      purpose: 'sign-in',
      wrongCodes: 20,
      since: expect.any(Number),
    },
  ]);
  expect(Math.abs(Number(found[0]?.since) - since)).toBeLessThan(120_000);
  expect(JSON.stringify(found)).not.toMatch(/\b\d{6}\b/);
});

test('[S105] the record tells when and from where the phone was confirmed', async () => {
  await start({ before: (target) => target.set('trust proxy', 1) });
  const agent = app.agent().set('X-Forwarded-For', '203.0.113.9, 198.51.100.7');
  await signIn(agent, 'C');
  await agent.post(enroll).send({ phone: NEW }).expect(202);
  await app.clock.advance(40);
  await agent.post(confirm).send({ code: newestCode(app), confirmedFrom: '192.0.2.1' });
  expect(app.enrollments.get('id-of-C')).toMatchObject({
    confirmedAt: app.clock(),
    confirmedFrom: '198.51.100.7',
  });
  expect(await app.secondFactor.admin.status('id-of-C')).toEqual({
    enrolled: true,
    phone: NEW_MASKED,
    confirmedAt: new Date(app.clock()).toISOString(),
    confirmedFrom: '198.51.100.7',
    disabled: false,
    recoveryCodesLeft: 10,
    devices: [],
  });
});

test('[S105] a support desk ends verified, pending and trusted sessions at once', async () => {
  await start({ factor: { trustedDevices: { days: 30 } } });
  const session = app.agent();
  const first = await pending(app, session);
  const answer = await session.post(verify).send({ code: first, trustDevice: true }).expect(200);
  const cookies = (answer.headers['set-cookie'] as unknown as string[]).join('\n');
  const device = /__Host-[^;]+/.exec(cookies)![0];
  const [bystander, waiting, replacing] = [await passed('B'), app.agent(), await passed()];
  await replacing.post(enroll).send({ phone: NEW }).expect(202);
  const wanted = newestCode(app, NEW);
  await app.clock.advance(30);
  const code = await pending(app, waiting);
  await session.get('/secret').expect(200);

  await app.secondFactor.admin.revoke('id-of-A', { operator: 'Grace' });
  expect((await app.secondFactor.admin.status('id-of-A')).devices).toEqual([]);
  await session.get('/secret').expect(401);
  await session.get('/enforced').expect(401);
  await waiting.post(verify).send({ code }).expect(401);
  await replacing.post(confirm).send({ code: wanted }).expect(403);
  await session.delete(enroll).expect(403);
  const again = app.agent();
  await signIn(again);
  expect(await knock(app, `${cookieFrom(again)}; ${device}`)).toBe(401);
  await bystander.get('/secret').expect(200);
  // The phone stays, and serves the owner on.
  await app.clock.advance(60);
  await passed();
});

test('[S105] after a reset no session, code or recovery code of the old factor is worth anything', async () => {
  await start();
  const owner = await passed();
  const { recoveryCodes } = (await owner.post(renew).send({}).expect(200)).body;
  const waiting = app.agent();
  const code = await pending(app, waiting);
  await app.secondFactor.admin.reset('id-of-A', { operator: 'Grace' });
  expect((await owner.get('/secret').expect(403)).body.code).toBe('enrollment_required');
  await waiting.post(verify).send({ code }).expect(401);
  const recoveryCode = (recoveryCodes as string[])[0];
  await waiting.post(recover).send({ recoveryCode }).expect(403);
  await owner.post(renew).send({}).expect(403);
  await app.clock.advance(60);
  await owner.post(enroll).send({ phone: PHONES.A }).expect(202);
  await owner
    .post(confirm)
    .send({ code: newestCode(app) })
    .expect(200);
  await waiting.post(recover).send({ recoveryCode }).expect(401);
  await waiting.get('/secret').expect(401);
});
