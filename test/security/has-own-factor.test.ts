import type { Express } from 'express';
import { newestCode, signIn, startApp, verified, type Agent, type TestApp } from '../helpers/app';
import type { SecondFactor } from '../../lib';
import { ROUTER } from '../helpers/paths';
import { cookieFrom } from '../helpers/web';

const PHONE = '+12065550177';
const { enrollment } = ROUTER;

let app: TestApp;
let hasOwnFactor: (user: { id: string }) => boolean | Promise<boolean>;
beforeEach(async () => {
  hasOwnFactor = ({ id }) => Promise.resolve(id === 'id-of-C');
  app = await startApp({
    factor: { hasOwnFactor: (user) => hasOwnFactor(user) },
    after: (express: Express, secondFactor: SecondFactor) => {
      express.post('/open', async (req, res) => {
        await secondFactor.satisfy(req, ['otp']);
        res.json({});
      });
      express.get('/guarded', secondFactor.enforce(), (_req, res) => void res.json({}));
    },
  });
});

async function signedIn(username: string): Promise<Agent> {
  const agent = app.agent();
  await signIn(agent, username);
  return agent;
}

test('[S93] [S103] a password alone adds no phone to a user who has a factor of the app’s own', async () => {
  const agent = await signedIn('C');
  const refused = await agent.post(enrollment).send({ phone: PHONE }).expect(401);
  expect(refused.body.code).toBe('second_factor_required');
  expect(app.outbox.messages).toEqual([]);
  await agent.post('/open').expect(200);
  await agent.post(enrollment).send({ phone: PHONE }).expect(202);
  const code = newestCode(app, PHONE);

  // The session is not verified any more; the challenge has nothing to say about that.
  const other = await signedIn('C');
  await other.post(`${enrollment}/verify`).send({ code }).expect(401);
  await agent.post(`${enrollment}/verify`).send({ code }).expect(200);
  expect(cookieFrom(agent)).not.toBe('');
});

test.each([
  ['says who has one', (user: { id: string }) => user.id === 'id-of-C'],
  ['does not say', () => false],
])(
  '[S186] a first phone beside an own factor needs that factor fresh, in an app that %s',
  async (_how, says) => {
    hasOwnFactor = says;
    const agent = await signedIn('C');
    await agent.post('/open').expect(200);
    await app.clock.advance(23 * 3_600);
    const expectAsked = async (path: string, body: object): Promise<void> => {
      const refused = await agent.post(path).send(body).expect(403);
      expect(refused.body.code).toBe('fresh_second_factor_required');
    };
    await expectAsked(enrollment, { phone: PHONE });
    expect(app.outbox.messages).toEqual([]);
    await agent.post('/transfer').send({}).expect(401);

    await agent.post('/open').expect(200);
    await app.clock.advance(590);
    await agent.post(enrollment).send({ phone: PHONE }).expect(202);
    await app.clock.advance(11);
    // The code came back too late for the factor that was passed.
    await expectAsked(ROUTER.confirm, { code: newestCode(app, PHONE) });
    expect(app.enrollments.has('id-of-C')).toBe(false);
    await agent.post('/open').expect(200);
    await app.clock.advance(60);
    await agent.post(enrollment).send({ phone: PHONE }).expect(202);
    const code = newestCode(app, PHONE);
    const confirmed = await agent.post(ROUTER.confirm).send({ code }).expect(200);
    expect(confirmed.body.recoveryCodes).toHaveLength(10);
  },
);

test('[S186] whichever factor was passed fresh opens the change of any, and none that is not', async () => {
  hasOwnFactor = () => true;
  const agent = app.agent();
  await verified(app, agent, 'A');
  const changes: [path: string, body: object][] = [
    [enrollment, { phone: PHONE }],
    [ROUTER.recoveryCodes, {}],
    [`${enrollment}/delete`, {}],
  ];
  await app.clock.advance(601);
  for (const [path, body] of changes) {
    const refused = await agent.post(path).send(body).expect(403);
    expect(refused.body.code).toBe('fresh_second_factor_required');
  }
  await agent.post('/open').expect(200);
  const { body } = await agent.post(ROUTER.recoveryCodes).send({}).expect(200);
  await app.clock.advance(601);
  await agent.post(enrollment).send({ phone: PHONE }).expect(403);
  const recoveryCode = (body.recoveryCodes as string[])[0];
  await agent.post(ROUTER.recovery).send({ recoveryCode }).expect(200);
  await agent.post(`${enrollment}/delete`).send({}).expect(204);
});

test('[S186] the page says what to do, in words that hold for any factor', async () => {
  const agent = await signedIn('C');
  await agent.post('/open').expect(200);
  await app.clock.advance(23 * 3_600);
  const html = { Accept: 'text/html' };
  await agent.post(enrollment).set(html).type('form').send({ phone: PHONE }).expect(303);
  const page = await agent.get(ROUTER.home).set(html).expect(200);
  expect(page.text).toContain('To change your security settings, confirm');
});

test('[S103] [S186] the page offers no phone that would be refused, and a way on', async () => {
  const page = async (agent: Agent): Promise<string> => {
    const { text } = await agent.get(ROUTER.home).set('Accept', 'text/html').expect(200);
    return text;
  };
  const agent = await signedIn('C');
  const expectOtherFirst = async (): Promise<void> => {
    const text = await page(agent);
    expect(text).toContain('Use that first, then you can add a phone here.');
    expect(text).toContain('<a href="/">Continue</a>');
    expect(text).not.toContain('name="phone"');
  };
  await expectOtherFirst();
  await agent.post('/open').expect(200);
  const fresh = await page(agent);
  expect(fresh).toContain('name="phone"');
  expect(fresh).toContain('Not now');
  await app.clock.advance(23 * 3_600);
  await expectOtherFirst();
  hasOwnFactor = () => false;
  expect(await page(await signedIn('C'))).toContain('name="phone"');
});

test('[S103] a factor of the app’s own that came meanwhile stands before the code of a first phone, too', async () => {
  hasOwnFactor = () => false;
  const agent = await signedIn('C');
  await agent.post(enrollment).send({ phone: PHONE }).expect(202);
  const code = newestCode(app, PHONE);
  hasOwnFactor = () => true;
  const refused = await agent.post(ROUTER.confirm).send({ code }).expect(401);
  expect(refused.body.code).toBe('second_factor_required');
  expect(app.enrollments.has('id-of-C')).toBe(false);
});

test('[S103] the gates want the factor that such a user has, not a phone', async () => {
  const agent = await signedIn('C');
  for (const path of ['/guarded', '/api/secret']) {
    const refused = await agent.get(path).set('accept', 'application/json').expect(401);
    expect(refused.body.code).toBe('second_factor_required');
  }
  await agent.post('/open').expect(200);
  await agent.get('/guarded').expect(200);
  await agent.get('/api/secret').expect(200);
});

test('[S134] where the app cannot say who has a factor of its own, nobody passes', async () => {
  hasOwnFactor = () => Promise.reject(new Error('the database is away'));
  const agent = await signedIn('C');
  for (const path of ['/guarded', '/api/secret']) {
    const refused = await agent.get(path).set('accept', 'application/json').expect(503);
    expect(refused.body.code).toBe('store_unavailable');
  }
  await agent.post(enrollment).send({ phone: PHONE }).expect(503);
  hasOwnFactor = () => undefined as unknown as boolean;
  await agent.post(enrollment).send({ phone: PHONE }).expect(401);
  expect(app.outbox.messages).toEqual([]);
});

test('users without one are asked for nothing more', async () => {
  const agent = app.agent();
  await verified(app, agent, 'A');
  await agent.get('/guarded').expect(200);
});
