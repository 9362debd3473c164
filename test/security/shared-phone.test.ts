import type { EventName, Notice } from '../../lib';
import {
  enrolled,
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
} from '../helpers/app';
import { jsonPost, raw } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { cookieFrom, cookieSetBy, knock, withoutDate } from '../helpers/web';

const { challenge: send, verify, enrollment: enroll, confirm } = ROUTER;

let app: TestApp;

/** A and C have the same phone. */
async function startShared(): Promise<void> {
  app = await startApp();
  app.enrollments.set('id-of-C', enrolled(PHONES.A));
}

async function passed(username: string): Promise<Agent> {
  const agent = app.agent();
  await verified(app, agent, username);
  return agent;
}

test('[S100] a phone may be the factor of two accounts; each gets codes of its own', async () => {
  app = await startApp();
  const second = app.agent();
  await signIn(second, 'C');
  await second.post(enroll).send({ phone: PHONES.A }).expect(202);
  await second
    .post(confirm)
    .send({ code: newestCode(app) })
    .expect(200);
  const [a, c] = [app.agent(), app.agent()];
  const code = await pending(app, a, 'A');
  await app.clock.advance(30);
  const other = await pending(app, c, 'C');
  expect(app.outbox.messages.map(({ to }) => to)).toEqual(Array(3).fill(PHONES.A));
  await c.post(verify).send({ code }).expect(401);
  await a.post(verify).send({ code: other }).expect(401);
  await a.post(verify).send({ code }).expect(200);
  await c.post(verify).send({ code: other }).expect(200);
});

test('[S100] no account has a second phone: another one takes the place of the first', async () => {
  app = await startApp();
  const agent = await passed('A');
  for (const phone of ['+12065550191', '+12065550192', '+12065550193']) {
    await agent.post(enroll).send({ phone }).expect(202);
    await agent
      .post(confirm)
      .send({ code: newestCode(app) })
      .expect(200);
    expect(app.enrollments.get('id-of-A')!.phone).toBe(phone);
    await app.clock.advance(60);
  }
  expect(app.enrollments.size).toBe(2);
});

test('[S100] [S44] two accounts with one phone share its wait and its budget', async () => {
  await startShared();
  const [a, c] = [app.agent(), app.agent()];
  await signIn(a, 'A');
  await signIn(c, 'C');
  await a.post(send).send({}).expect(202);
  expect((await c.post(send).send({}).expect(429)).body).toMatchObject({
    code: 'resend_too_soon',
    retryAfter: 30,
  });
  for (const [index, agent] of [c, a, c, a].entries()) {
    await app.clock.advance([30, 60, 120, 300][index]!);
    await agent.post(send).send({}).expect(202);
  }
  // Five in ten minutes, whoever of the two asks; then as the window goes on.
  await app.clock.advance(85);
  for (const agent of [a, c]) await agent.post(send).send({}).expect(429);
  expect(app.outbox.messages).toHaveLength(5);
});

test('[S100] a failure, a lock and a removal of one account are none of the other', async () => {
  await startShared();
  const a = app.agent();
  await signIn(a, 'A');
  await failTexted(app, a, 10);
  await a.post(send).send({}).expect(429);
  await app.clock.advance(120);
  const c = await passed('C');
  await c.delete(enroll).expect(204);
  expect(app.enrollments.get('id-of-A')).toEqual(enrolled(PHONES.A));
  await app.clock.advance(900);
  await passed('A');
});

test('[S100] [S101] a notice goes to the account where it happened, and to no other', async () => {
  await startShared();
  const notices: Notice[] = [];
  app.secondFactor.on('notice', (notice) => void notices.push(notice));
  const [a, c] = [await passed('A'), await passed('C')];
  await c.post(enroll).send({ phone: '+12065550199' }).expect(202);
  await c.post(confirm).send({ code: newestCode(app) });
  expect(notices.map(({ userId, action }) => `${userId} ${action}`)).toEqual(['id-of-C replaced']);
  await a.get('/secret').expect(200);
});

/**
 * What somebody is answered who enrolls a number, step by step, as it went over the wire. The
 * numbers end in the same two digits, so nothing but the other account can make a difference.
 */
async function enrolling(phone: string): Promise<string[]> {
  const agent = app.agent();
  await signIn(agent, 'C');
  const cookie = cookieFrom(agent);
  const texts = app.outbox.messages.length;
  const answers = [await raw(app.url, jsonPost(enroll, cookie, { phone }))];
  expect(app.outbox.messages).toHaveLength(texts + 1);
  const code = newestCode(app, phone);
  answers.push(await raw(app.url, jsonPost(enroll, cookie, { phone })));
  answers.push(await raw(app.url, jsonPost(confirm, cookie, { code: wrongCode(code) })));
  const look = { path: '/second-factor', cookie, headers: { accept: 'application/json' } };
  answers.push(await raw(app.url, look));
  answers.push(await raw(app.url, jsonPost(confirm, cookie, { code })));
  const given = cookieSetBy(answers.at(-1)!)!;
  expect(await knock(app, given)).toBe(200);
  answers.push(await raw(app.url, { ...look, cookie: given }));
  return answers.map((answer) =>
    withoutDate(answer)
      .replace(/^set-cookie:.*$/gim, 'set-cookie')
      .replace(/"recoveryCodes":\[[^\]]*\]/, '"recoveryCodes"'),
  );
}

test('[S100] [S128] nothing tells that a number has another account, whatever that one does', async () => {
  const start = Date.now();
  const states: Record<string, [phone: string, enter: () => Promise<unknown>]> = {
    'of nobody': ['+12065559942', () => Promise.resolve()],
    taken: [PHONES.A, () => Promise.resolve()],
    'of somebody who was just texted': [PHONES.A, () => pending(app, app.agent(), 'A')],
    'of somebody who is signed in': [PHONES.A, () => passed('A')],
    'of somebody whose phone is disabled': [
      PHONES.A,
      async () => app.enrollments.set('id-of-A', { ...enrolled(PHONES.A), disabledAt: 1 }),
    ],
  };
  const answers = new Map<string, string[]>();
  for (const [state, [phone, enter]] of Object.entries(states)) {
    app = await startApp();
    app.clock.set(start);
    const events: string[] = [];
    await enter();
    // Some states took time to come to.
    app.clock.set(start + 60_000);
    for (const name of ['enrolled', 'replaced', 'removed', 'notice'] satisfies EventName[]) {
      app.secondFactor.on(name, ({ userId }) => void events.push(userId));
    }
    const seen = (await enrolling(phone)).join('\n---\n');
    answers.set(seen, [...(answers.get(seen) ?? []), state]);
    expect(events).toEqual(['id-of-C', 'id-of-C']);
    await app.close();
  }
  expect([...answers.values()]).toEqual([Object.keys(states)]);
});
