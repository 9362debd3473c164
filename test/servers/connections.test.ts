import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { mock, test } from 'node:test';
import { WebSocket } from 'ws';
import session from 'express-session';
import { createSecondFactor, mapEnrollments, memoryCounter, outboxSender } from '../../lib';
import { enrolled, SECRET, signIn, verified, type Agent } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { cookieFrom, sessionIdIn } from '../helpers/web';
import { openSocket, RECIPES } from './clients';
import { ORIGIN, startWorld, type World } from './world';

mock.timers.enable({ apis: ['setInterval'] });
mock.method(console, 'error', () => undefined);

/** Ten seconds go by, everywhere. */
async function tenSeconds(world: World): Promise<void> {
  await world.app.clock.advance(10);
  mock.timers.tick(10_000);
}

for (const { name, open, refusal, crossesSites } of RECIPES) {
  test(`[S79] ${name}: shut before the second factor, and open after it`, async (t) => {
    const world = await startWorld(t);
    const enter = (agent: Agent) => open(world, cookieFrom(agent), ORIGIN);
    const agent = world.app.agent();
    const shut = refusal ?? 401;
    assert.equal((await enter(agent)).status, shut);
    await signIn(agent);
    assert.equal((await enter(agent)).status, shut);
    await verified(world.app, agent);
    const client = await enter(agent);
    await client.hear('id-of-A');
    // Of the same user, and of the same cookie: it may stay.
    await tenSeconds(world);
    await world.answered();
    await client.hear('id-of-A');
    if (crossesSites) {
      const elsewhere = await open(world, cookieFrom(agent), 'https://evil.example');
      assert.equal(elsewhere.status, refusal ?? 403);
    }
  });

  test(`${name}: open to a user without a factor, where enforce() is`, async (t) => {
    for (const [enrollment, status] of [
      ['optional', 200],
      ['required', 403],
    ] as const) {
      const world = await startWorld(t, { factor: { enrollment } });
      const agent = world.app.agent();
      await signIn(agent, 'C');
      await agent.get('/enforced').expect(status);
      const client = await open(world, cookieFrom(agent), ORIGIN);
      assert.equal(client.status, status === 200 ? 200 : (refusal ?? status));
      if (status !== 200) continue;
      await client.hear('id-of-C');
      await agent.post('/logout').send({}).expect(200);
      await tenSeconds(world);
      await client.closed;
    }
  });

  test(`[S134] ${name}: shut while the store is away, and open when it is back`, async (t) => {
    const world = await startWorld(t);
    const { store } = world.app;
    const agent = world.app.agent();
    await verified(world.app, agent);
    const get = store.get.bind(store);
    const away: (typeof get)[] = [(_id, done) => done(new Error('away')), () => undefined];
    for (const fail of away) {
      store.get = fail;
      const { status } = await open(world, cookieFrom(agent), ORIGIN);
      assert.equal(status, refusal ?? 503);
      store.get = get;
      await (await open(world, cookieFrom(agent), ORIGIN)).hear('id-of-A');
    }
  });
}

/** Another process of the same app. */
const elsewhere = ({ app }: World) =>
  createSecondFactor({
    ...{ appName: 'Acme', domain: 'acme.example', secret: SECRET, sender: outboxSender() },
    ...{ sessionStore: app.store, enrollments: mapEnrollments(app.enrollments) },
    ...{ counter: memoryCounter(), credentialsEpoch: 'none', clock: app.clock },
  });

const REVOKED = { operator: 'desk' };
const store = (world: World) => world.app.store;

/** What ends a connection, and with which status it would be refused. */
const ENDINGS: [string, (world: World, agent: Agent) => unknown, number][] = [
  ['a sign-out', (_world, agent) => agent.post('/logout').send({}).expect(200), 401],
  ['somebody else who signs in', (_world, agent) => signIn(agent, 'C'), 401],
  ['a new password', ({ app }) => (app.users.get('A')!.passwordVersion += 1), 401],
  ['a user who is gone', ({ app }) => (app.users.get('A')!.gone = true), 401],
  [
    'another phone',
    async ({ app }) => {
      app.enrollments.set('id-of-A', { ...enrolled('+12065550144'), epoch: 'second', version: 2 });
      await app.clock.advance(10);
    },
    401,
  ],
  ['a revocation', ({ app }) => app.secondFactor.admin.revoke('id-of-A', REVOKED), 401],
  ['one in another process', (world) => elsewhere(world).admin.revoke('id-of-A', REVOKED), 401],
  ['a day', ({ app }) => app.clock.advance(86_400), 401],
  [
    'a session that was destroyed behind our back',
    ({ app }, agent) => {
      const kept = app.store as session.MemoryStore & { sessions: Record<string, string> };
      delete kept.sessions[sessionIdIn(cookieFrom(agent))];
    },
    401,
  ],
  [
    'a code that gave the browser another session',
    async ({ app }, agent) => {
      await app.clock.advance(30);
      await agent.post(ROUTER.challenge).send({}).expect(202);
      const code = /^\d+/.exec(app.outbox.last()!.body)?.[0];
      await agent.post(ROUTER.verify).send({ code }).expect(200);
    },
    401,
  ],
  ['a store that fails', (world) => (store(world).get = (_id, done) => done(Error('away'))), 503],
  ['a store that hangs', (world) => (store(world).get = () => undefined), 503],
  [
    'enrollments that are away',
    async ({ app }) => {
      await app.clock.advance(10);
      app.enrollments.get = () => {
        throw new Error('away');
      };
    },
    503,
  ],
];

for (const [what, end, status] of ENDINGS) {
  test(`an open connection is ended by ${what}`, async (t) => {
    const world = await startWorld(t);
    const agent = world.app.agent();
    await verified(world.app, agent);
    const clients = [];
    for (const { open, says, name } of RECIPES) {
      const client = await open(world, cookieFrom(agent), ORIGIN);
      await client.hear('id-of-A');
      clients.push({ client, says, name });
    }
    const other = world.app.agent();
    if (status === 401 && what !== 'a day') await verified(world.app, other, 'B');
    const control = await RECIPES[0]!.open(world, cookieFrom(other), ORIGIN);
    await end(world, agent);
    await tenSeconds(world);
    if (status === 401) await world.answered();
    for (const { client, says } of clients) {
      const code = await client.closed;
      if (says) assert.equal(code, status === 503 ? 1013 : 1008);
    }
    if (control.status === 200) await control.hear('id-of-B');
  });
}

test('a removed phone ends a connection where enforce() then shuts', async (t) => {
  for (const enrollment of ['optional', 'required'] as const) {
    const world = await startWorld(t, { factor: { enrollment } });
    const agent = world.app.agent();
    await verified(world.app, agent);
    const client = await RECIPES[0]!.open(world, cookieFrom(agent), ORIGIN);
    await agent.delete(ROUTER.enrollment).expect(204);
    const { status } = await agent.get('/enforced');
    await tenSeconds(world);
    await world.answered();
    if (status === 200) await client.hear('id-of-A');
    else assert.equal(await client.closed, 1008);
    assert.equal(status, enrollment === 'optional' ? 200 : 403);
  }
});

test('what another process has revoked is seen after ten seconds more, and no later', async (t) => {
  const world = await startWorld(t);
  const agent = world.app.agent();
  await verified(world.app, agent);
  const clients = await Promise.all(
    RECIPES.map(({ open }) => open(world, cookieFrom(agent), ORIGIN)),
  );
  await world.app.clock.advance(10);
  // This process has read the enrollment just now.
  await agent.get('/secret').expect(200);
  await elsewhere(world).admin.revoke('id-of-A', REVOKED);
  await world.app.clock.advance(9);
  mock.timers.tick(10_000);
  await world.answered();
  for (const client of clients) await client.hear('id-of-A');
  await tenSeconds(world);
  await Promise.all(clients.map(({ closed }) => closed));
});

test('what a socket says after its end is not heard, also where it does not answer the close', async (t) => {
  const world = await startWorld(t);
  const agent = world.app.agent();
  await verified(world.app, agent);
  const { socket } = await openSocket(world, '/live', {
    cookie: cookieFrom(agent),
    origin: ORIGIN,
  });
  // What the app answers does not go out any more, but that it answers shows that it has heard.
  const sent = t.mock.method(WebSocket.prototype, 'send');
  // It reads nothing of what comes, so it does not know of the close.
  socket.pause();
  await agent.post('/logout').send({}).expect(200);
  await tenSeconds(world);
  await world.answered();
  socket.send('still here');
  await agent.get('/open').expect(200);
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  const said = sent.mock.calls.map(({ arguments: [data] }) => String(data));
  assert.deepEqual(said, ['still here']);
});

test('nothing that a client does ends the process', async (t) => {
  const world = await startWorld(t);
  const { app } = world;
  const agent = app.agent();
  await verified(app, agent);
  const cookie = cookieFrom(agent);
  const get = app.store.get.bind(app.store);

  // Clients that go away in the middle of the question. Each recipe by itself: one would save another.
  const [live, engine, guard, graphql] = app.server.listeners('upgrade') as (() => void)[];
  const listeners = { '/live': [live], '/graphql': [graphql], '/events': [] };
  for (const path of ['/live', '/graphql', '/events', '/socket.io/?EIO=4&transport=websocket']) {
    app.server.removeAllListeners('upgrade');
    for (const listener of listeners[path as keyof typeof listeners] ?? [engine, guard]) {
      app.server.on('upgrade', listener!);
    }
    const asking = new Promise<() => void>((resolve) => {
      app.store.get = (id, done) => resolve(() => get(id, done));
    });
    const upgrade = path === '/events' ? [] : ['Connection: Upgrade', 'Upgrade: websocket'];
    const key = ['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    const lines = [`GET ${path} HTTP/1.1`, 'Host: a', `Cookie: ${cookie}`, `Origin: ${ORIGIN}`];
    const { port } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`${[...lines, ...upgrade, ...key].join('\r\n')}\r\n\r\n`);
    const answer = await asking;
    await new Promise((resolve) => socket.once('close', resolve).resetAndDestroy());
    app.store.get = get;
    // The server has seen the reset when it has read what was sent after it.
    await agent.get('/open').expect(200);
    answer();
    await world.answered();
  }
  app.server.removeAllListeners('upgrade');
  for (const listener of [live, engine, guard, graphql]) app.server.on('upgrade', listener!);

  // Frames that are none, too large, and of another protocol.
  for (const path of ['/live', '/graphql']) {
    for (const bytes of [Buffer.from([0xff, 0xff, 0xff]), undefined]) {
      const { socket } = await openSocket(world, path, { cookie, origin: ORIGIN });
      const closed = new Promise((resolve) => socket.once('close', resolve));
      const raw = (socket as unknown as { _socket: { write: (bytes: Buffer) => void } })._socket;
      if (bytes === undefined) socket.send('x'.repeat(100_000));
      else raw.write(bytes);
      await closed;
    }
  }
  await (await RECIPES[0]!.open(world, cookie, ORIGIN)).hear('id-of-A');
});

test('an upgrade of a path that nobody serves is refused, not left hanging', async (t) => {
  const world = await startWorld(t);
  for (const listener of world.app.server.listeners('upgrade').slice(1)) {
    world.app.server.off('upgrade', listener as () => void);
  }
  assert.equal((await openSocket(world, '/nothing', { origin: ORIGIN })).status, 404);
});
