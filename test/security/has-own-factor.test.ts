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
