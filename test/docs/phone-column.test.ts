import type { Enrollments } from '../../lib';
import { newestCode, signIn, startApp, verified, type Agent, type TestApp } from '../helpers/app';
import { atOnce, jsonPost } from '../helpers/parallel';
import { cookieFrom } from '../helpers/web';
import { enrollmentsContract } from './contract';
import {
  CONFIRMED,
  NEW,
  OLD,
  OTHER,
  phoneColumnEnrollments,
  type Row,
  type Users,
} from './phone-column';
import { onEachRecipe, sqliteEnrollments } from './recipes';

const enroll = '/second-factor/enrollment';

onEachRecipe((recipe) => {
  enrollmentsContract(`a phone column beside ${recipe.name}`, async () =>
    phoneColumnEnrollments({ find: () => Promise.resolve(undefined) }, await recipe.make()),
  );
});

describe('over HTTP', () => {
  let app: TestApp;
  let sideStore: Enrollments;
  let row: Row;
  let users: Users;
  beforeEach(async () => {
    row = { id: 'id-of-C', phone: OLD, phoneConfirmedAt: CONFIRMED };
    users = { find: (userId) => Promise.resolve(userId === row.id ? { ...row } : undefined) };
    sideStore = sqliteEnrollments();
    const enrollments = phoneColumnEnrollments(users, sideStore) as Enrollments;
    app = await startApp({ factor: { enrollments } });
    app.users.set('C', Object.assign(row, { username: 'C', passwordVersion: 1 }));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await app.close();
  });

  const verifiedBrowser = async (): Promise<Agent> => {
    const agent = app.agent();
    await verified(app, agent, 'C');
    await app.clock.advance(60);
    return agent;
  };
  const replace = async (agent: Agent, phone: string) => {
    await agent.post(enroll).send({ phone }).expect(202);
    await agent
      .post(`${enroll}/verify`)
      .send({ code: newestCode(app, phone) })
      .expect(200);
    await app.clock.advance(60);
  };

  test('a user who never enrolled here is challenged on the number in the user table', async () => {
    const agent = app.agent();
    await signIn(agent, 'C');
    await agent.get('/enforced').expect(401);
    await agent.post('/second-factor/challenge').send({}).expect(202);
    const code = newestCode(app, OLD);
    await agent.post('/second-factor/verify').send({ code }).expect(200);
    await agent.get('/secret').expect(200);
    expect((await sideStore.get(row.id)) ?? undefined).toBeUndefined();
  });

  test('[S91] a number that was never confirmed is no factor', async () => {
    row.phoneConfirmedAt = null;
    const agent = app.agent();
    await signIn(agent, 'C');
    await agent.get('/enforced').expect(200);
    await agent.post('/second-factor/challenge').send({}).expect(403);
    expect(app.outbox.messages).toEqual([]);
  });

  test('who replaces the number is challenged on the new one, whatever the column says', async () => {
    await replace(await verifiedBrowser(), NEW);
    expect(row.phone).toBe(OLD);
    await verifiedBrowser();
    expect(app.outbox.last()?.to).toBe(NEW);
    await replace(await verifiedBrowser(), OTHER);
    await verifiedBrowser();
    expect(app.outbox.last()?.to).toBe(OTHER);
  });

  test('who removes the phone is not challenged any more, and can enroll anew', async () => {
    const agent = await verifiedBrowser();
    await agent.delete(enroll).expect(204);
    const other = app.agent();
    await signIn(other, 'C');
    await other.get('/enforced').expect(200);
    expect(row.phone).toBe(OLD);
    expect(JSON.stringify(await sideStore.get(row.id))).not.toContain(OLD.slice(1));

    await replace(other, NEW);
    await agent.get('/enforced').expect(401);
    await verifiedBrowser();
    expect(app.outbox.last()?.to).toBe(NEW);
  });

  test('a support desk, which has no request of the user, reads and removes it', async () => {
    const { admin } = app.secondFactor;
    const confirmedAt = CONFIRMED.toISOString();
    expect(await admin.status(row.id)).toMatchObject({ enrolled: true, confirmedAt });
    const agent = await verifiedBrowser();
    await admin.revoke(row.id, { operator: 'Ann' });
    await agent.get('/enforced').expect(401);
    await admin.reset(row.id, { operator: 'Ann' });
    expect(await admin.status(row.id)).toMatchObject({ enrolled: false });
    await agent.get('/enforced').expect(200);
  });

  test('of two browsers that replace the number at once one wins', async () => {
    const agents = [await verifiedBrowser(), await verifiedBrowser()];
    const requests = [];
    for (const [index, phone] of [NEW, OTHER].entries()) {
      await agents[index]!.post(enroll).send({ phone }).expect(202);
      await app.clock.advance(60);
      const body = { code: newestCode(app, phone) };
      requests.push(jsonPost(`${enroll}/verify`, cookieFrom(agents[index]!), body));
    }
    const statuses = (await atOnce(app.url, requests)).map(({ status }) => status);
    expect([...statuses].sort()).toEqual([200, 401]);
    expect(await sideStore.get(row.id)).toMatchObject({
      phone: [NEW, OTHER][statuses.indexOf(200)],
    });
  });

  test('a replaced number is copied into the column, and only then', async () => {
    const saved: unknown[] = [];
    users.savePhone = (...copy) => Promise.resolve(void saved.push(copy));
    const agent = await verifiedBrowser();
    await app.secondFactor.admin.revoke(row.id, { operator: 'Ann' });
    await verified(app, agent, 'C');
    expect(saved).toEqual([]);
    await replace(agent, NEW);
    const { confirmedAt } = (await sideStore.get(row.id))!;
    expect(saved).toEqual([[row.id, NEW, new Date(confirmedAt)]]);
  });

  test('[S126] a copy that fails undoes nothing and logs no number', async () => {
    const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    users.savePhone = () => Promise.reject(Object.assign(new Error('read only'), { row: NEW }));
    await replace(await verifiedBrowser(), NEW);
    expect(await sideStore.get(row.id)).toMatchObject({ phone: NEW });
    expect(logged.mock.calls).toEqual([['A phone was not copied: read only']]);
  });
});
