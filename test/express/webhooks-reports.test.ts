import session from 'express-session';
import { enrolled, newestCode, pending, PHONES, signIn, verified } from '../helpers/app';
import { faultsOf } from '../helpers/faults';
import { atOnce, jsonPost } from '../helpers/parallel';
import { onEachStore } from '../helpers/stores';
import { cookieFrom, knock } from '../helpers/web';
import {
  calling,
  startCalledApp,
  textFrom,
  type CalledApp,
  type CalledAppOptions,
} from './carrier-calls';

let app: CalledApp;
afterEach(() => app.close());
async function start(options: CalledAppOptions = {}): Promise<void> {
  app = await startCalledApp(options);
}

const verify = '/second-factor/verify';
const enroll = '/second-factor/enrollment';
const NEW = '+12065550199';
const about = { userId: 'id-of-A', purpose: 'sign-in', phone: '••• ••• ••42' };

onEachStore('reports', (kind) => {
  test('NO kills the code and ends the session that asked for it, and is told once', async () => {
    await start(await kind.make());
    const [thief, owner] = [app.agent(), app.agent()];
    await verified(app, owner);
    await app.clock.advance(901);
    const code = await pending(app, thief);
    expect((await app.answer('NO', PHONES.A, 'mdr1-no')).status).toBe(200);
    const at = app.clock();
    const facts = { newest: true, codeUsed: false, earlierCodeUsed: true };
    const reported = { at, ...about, ip: '127.0.0.1', textedAt: at, ...facts };
    expect(app.told('reported')).toEqual([reported]);
    expect(app.told('notice')).toEqual([{ action: 'reported', ...reported }]);
    expect((await thief.post(verify).send({ code }).expect(401)).body.code).toBe(
      'not_authenticated',
    );
    expect(await knock(app, cookieFrom(thief))).toBe(401);
    expect((await thief.get('/status')).body).toMatchObject({ enrolled: false, amr: [] });
    await owner.get('/secret').expect(200);

    await signIn(thief);
    await thief.post(verify).send({ code }).expect(401);
    for (let again = 0; again < 3; again += 1) await app.answer('NO', PHONES.A, 'mdr1-no');
    await thief.get('/status').expect(200);
    expect(app.told('reported')).toHaveLength(1);
  });

  test('NO after the code came back says so, and ends the session that it opened', async () => {
    await start(await kind.make());
    const [thief, bystander] = [app.agent(), app.agent()];
    await verified(app, thief);
    await verified(app, bystander, 'B');
    await app.answer('No.');
    expect(app.told('reported')).toMatchObject([{ ...about, codeUsed: true }]);
    expect(await knock(app, cookieFrom(thief))).toBe(401);
    expect(await knock(app, cookieFrom(bystander))).toBe(200);
  });

  test('NO finds each code that was texted to the phone lately: another text to it hides none', async () => {
    await start(await kind.make());
    app.enrollments.set('id-of-C', enrolled(PHONES.A));
    const thief = app.agent();
    const code = await pending(app, thief);
    await app.clock.advance(31);
    const other = app.agent();
    await pending(app, other, 'C');
    await app.answer('NO');
    const users = app.told('reported').map(({ userId }) => userId);
    expect(users.sort()).toEqual(['id-of-A', 'id-of-C']);
    await thief.post(verify).send({ code }).expect(401);
    for (const agent of [thief, other]) expect(await knock(app, cookieFrom(agent))).toBe(401);
  });
});

test.each([
  [
    undefined,
    ['NO', ' No. ', '“NO”', 'Nope', 'NO {code}'],
    ['NO WAY', 'no thanks', '{code}', 'KNOW'],
  ],
  [
    ['NEIN', 'non'],
    ['nein', 'Non!', 'NEIN.'],
    ['NO', 'NEIN NON', 'NOPE'],
  ],
])('of the words %j, %j report and %j do not', async (reportWords, words, others) => {
  await start({ webhooks: { reportWords } });
  const reports = async (body: string): Promise<number> => {
    const before = app.told('reported').length;
    // Not more than eight unanswered ones a day.
    app.clock.set(app.clock() + 4 * 3_600_000);
    const code = await pending(app, app.agent());
    await app.answer(body.replace('{code}', code));
    return app.told('reported').length - before;
  };
  for (const body of others) expect([body, await reports(body)]).toEqual([body, 0]);
  for (const body of words) expect([body, await reports(body)]).toEqual([body, 1]);
});

test('NO from a phone that was not texted does nothing', async () => {
  await start();
  const agent = app.agent();
  const code = await pending(app, agent);
  for (const phone of [PHONES.B, NEW, '+442079460123']) {
    expect((await app.answer('NO', phone)).status).toBe(200);
  }
  expect(app.told('reported')).toEqual([]);
  await agent.post(verify).send({ code }).expect(200);
});

test('NO from the owner of a number that a stranger typed in ends what the stranger began', async () => {
  await start();
  const stranger = app.agent();
  await signIn(stranger, 'C');
  await stranger.post(enroll).send({ phone: NEW }).expect(202);
  const code = newestCode(app, NEW);
  await app.answer('NO', NEW);
  expect(app.told('reported')).toMatchObject([{ userId: 'id-of-C', purpose: 'enroll' }]);
  await stranger.post(`${enroll}/verify`).send({ code }).expect(401);
  await signIn(stranger, 'C');
  await stranger.post(`${enroll}/verify`).send({ code }).expect(401);
  expect(app.enrollments.has('id-of-C')).toBe(false);
});

test('NO that is texted twice is told once, and never says that a code was used that was not', async () => {
  await start();
  await pending(app, app.agent());
  await app.answer('NO');
  await app.answer('NO');
  expect(app.told('reported')).toMatchObject([{ codeUsed: false }]);
});

test('NO that comes long after the code was used still says that it was', async () => {
  await start();
  await verified(app, app.agent());
  await app.clock.advance(3_000);
  await app.answer('NO');
  expect(app.told('reported')).toMatchObject([{ codeUsed: true }]);
});

test('NO to a text of more than an hour ago is nobody’s', async () => {
  await start();
  const agent = app.agent();
  await verified(app, agent);
  await app.clock.advance(3_601);
  await app.answer('NO');
  expect(app.told('reported')).toEqual([]);
  await agent.get('/secret').expect(200);
});

/** An app whose session store ends no session for now, and a NO that meets it. */
async function unfinishedReport() {
  const store = new session.MemoryStore();
  const faults = faultsOf(store);
  await start({ store });
  const agent = app.agent();
  const code = await pending(app, agent);
  faults.failAll('destroy');
  const report = async () => (await app.answer('NO', PHONES.A, 'mdr1-no')).status;
  expect(await report()).toBe(503);
  faults.heal();
  return { agent, code, report };
}

test('NO whose session could not be ended has killed the code, and is carried out when it comes again', async () => {
  const { agent, code, report } = await unfinishedReport();
  await agent.post(verify).send({ code }).expect(401);
  expect(await report()).toBe(200);
  expect((await agent.get('/status')).body).toMatchObject({ amr: [] });
  expect(app.told('reported')).toHaveLength(1);
});

test('NO that is carried out when it comes again does not take its first try for the use of the code', async () => {
  const { report } = await unfinishedReport();
  expect([await report(), await report()]).toEqual([200, 200]);
  expect(app.told('reported')).toMatchObject([{ codeUsed: false }]);
});

test.each([['the code first'], ['NO first']])(
  'of a code and a NO that cross, one wins, and the report tells which: %s',
  async (first) => {
    await start();
    const agent = app.agent();
    const code = await pending(app, agent);
    const requests = [
      jsonPost(verify, cookieFrom(agent), { code }),
      calling(app.address, textFrom(PHONES.A, 'NO', 'mdr1-no')),
    ];
    if (first === 'NO first') requests.reverse();
    const answers = await atOnce(app.url, requests);
    const typed = answers[first === 'NO first' ? 1 : 0];
    expect([200, 401]).toContain(typed?.status);
    const [{ codeUsed } = { codeUsed: undefined }] = app.told('reported');
    if (typed?.status === 200) expect(codeUsed).toBe(true);
    if (codeUsed === false) expect(await knock(app, cookieFrom(agent))).toBe(401);
    expect(codeUsed).toBeDefined();
  },
);
