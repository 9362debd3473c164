import type { SendRequest } from '../../lib';
import { PHONES, signIn, verified, type Agent, type TestApp } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { addressOf, answer, ask, askFor, newcomer, startBehindProxy } from '../helpers/sending';

const WAIT = 300;

/** What the user should be told of, besides what is always told. */
function notices(app: TestApp): string[] {
  const told: string[] = [];
  app.secondFactor.on('notice', ({ action, userId }) => told.push(`${userId} ${action}`));
  return told;
}

/** Asks again and again, as long as any text comes; answers how many did. */
async function useUp(app: TestApp, agent: Agent, most = 20): Promise<number> {
  let texted = 0;
  for (let each = 0; each < most; each += 1) {
    if ((await ask(agent, addressOf(each))).status === 202) texted += 1;
    await app.clock.advance(WAIT + 300);
  }
  return texted;
}

test('[S171] whoever has only the password leaves two of a day’s texts to a browser that has passed', async () => {
  const app = await startBehindProxy();
  const owner = app.agent();
  await verified(app, owner);
  const told = notices(app);
  const thief = app.agent();
  await signIn(thief);
  expect(await useUp(app, thief)).toBe(8);
  // The owner's browser, in a new session.
  await owner.post('/logout').send({}).expect(200);
  await signIn(owner);
  for (const status of [202, 202, 429]) {
    expect((await ask(owner)).status).toBe(status);
    await app.clock.advance(WAIT + 300);
  }
  expect(told).toEqual(['id-of-A texts_used_up']);
});

test('[S171] [S163] nor does who has only the password use up the calls of a hook that refuses them', async () => {
  let asked = 0;
  const beforeSend = ({ req }: SendRequest): boolean => {
    asked += 1;
    return (req as { headers: Record<string, unknown> }).headers['x-human'] === 'yes';
  };
  const app = await startBehindProxy({ factor: { beforeSend } });
  const owner = app.agent().set('x-human', 'yes');
  await verified(app, owner);
  const thief = app.agent();
  await signIn(thief);
  for (let each = 0; each < 30; each += 1) {
    expect((await ask(thief, addressOf(each))).status).toBe(each < 17 ? 403 : 429);
    await app.clock.advance(WAIT);
  }
  await owner.post('/logout').send({}).expect(200);
  await signIn(owner);
  for (const status of [202, 202, 429]) {
    expect((await ask(owner)).status).toBe(status);
    await app.clock.advance(WAIT);
  }
  // And never more often than its budget says.
  expect(asked).toBe(20);
});

test('[S171] the mark of a browser signs nobody in, and another user’s, or a made one, is none', async () => {
  const app = await startBehindProxy();
  const owner = app.agent();
  const passed = await verifiedWith(app, owner, 'A');
  const other = app.agent();
  const theirs = await verifiedWith(app, other, 'B');
  expect(passed).toMatch(/^sms2fa-known-[\w-]{16}=[\w-]{16}; .*HttpOnly; SameSite=Lax$/);
  const [mine = ''] = passed.split(';');
  const [name = '', value = ''] = mine.split('=');
  // It opens nothing.
  const bare = await app.agent().get('/secret').set('Cookie', mine);
  expect(bare.status).toBe(401);
  const thief = app.agent();
  await signIn(thief);
  expect(await useUp(app, thief)).toBe(8);
  const forged = [
    `${name}=${theirs.split(';')[0]!.split('=')[1]}`,
    `${name}=${value.slice(0, -1)}`,
    `${name}=`,
    `${name}=${'A'.repeat(value.length)}`,
    theirs.split(';')[0]!,
  ];
  for (const cookie of forged) {
    const agent = app.agent();
    await signIn(agent);
    await agent.post(ROUTER.challenge).set('Cookie', cookie).send({}).expect(429);
  }
});

/** Passes the second factor and answers the mark that the browser gets. */
async function verifiedWith(app: TestApp, agent: Agent, username: string): Promise<string> {
  await signIn(agent, username);
  await ask(agent).expect(202);
  const passed = await answer(app, agent, PHONES[username as 'A' | 'B'], ROUTER.verify).expect(200);
  const cookies = [passed.get('Set-Cookie') ?? []].flat();
  return cookies.find((cookie) => cookie.startsWith('sms2fa-known')) ?? '';
}

test('[S171] another account with the phone leaves two texts a day to each account', async () => {
  const app = await startBehindProxy();
  const other = await newcomer(app, 'other', PHONES.A);
  expect(await useUp(app, other)).toBe(8);
  const told = notices(app);
  const owner = app.agent();
  await signIn(owner);
  for (const status of [202, 202, 429]) {
    expect((await ask(owner)).status).toBe(status);
    await app.clock.advance(WAIT + 300);
  }
  expect(told).toEqual(['id-of-A texts_used_up']);
});

test('[S171] what is kept for accounts is bounded: a phone never gets more than twice its day', async () => {
  const app = await startBehindProxy();
  let texted = 0;
  for (let each = 0; each < 40; each += 1) {
    const agent = await newcomer(app, `u${each}`, PHONES.A);
    if ((await ask(agent, addressOf(each))).status === 202) texted += 1;
    await app.clock.advance(WAIT + 300);
  }
  expect(texted).toBeLessThanOrEqual(20);
  expect(texted).toBeGreaterThanOrEqual(10);
});

test('[S172] five texts that strangers asked for do not shut out a user who has not asked today', async () => {
  const app = await startBehindProxy();
  const phone = '+12065550177';
  const stranger = await newcomer(app, 'stranger');
  for (const status of [202, 202, 202, 202, 202, 429]) {
    expect((await askFor(stranger, phone, '198.51.100.1')).status).toBe(status);
    await app.clock.advance(WAIT);
  }
  const user = await newcomer(app, 'user');
  await askFor(user, phone).expect(202);
  await answer(app, user, phone).expect(200);
});

test('[S172] whoever asks, a number that never answered gets ten texts a day', async () => {
  const app = await startBehindProxy();
  let texted = 0;
  for (let each = 0; each < 30; each += 1) {
    const agent = await newcomer(app, `u${each}`);
    if ((await askFor(agent, '+12065550177', addressOf(each))).status === 202) texted += 1;
    await app.clock.advance(WAIT);
  }
  expect(texted).toBe(10);
});

test('[S173] the texts of a day are told to be used up once, with what to do', async () => {
  const app = await startBehindProxy();
  const told: object[] = [];
  app.secondFactor.on('notice', (notice) => told.push(notice));
  const thief = app.agent();
  await signIn(thief);
  await useUp(app, thief, 30);
  expect(told).toEqual([
    {
      action: 'texts_used_up',
      at: expect.any(Number),
      userId: 'id-of-A',
      ip: addressOf(7),
      phone: '••• ••• ••42',
      purpose: 'sign-in',
    },
  ]);
});
