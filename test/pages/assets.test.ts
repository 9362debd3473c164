import { startApp, signIn } from '../helpers/app';
import { attribute, htmlAgent } from '../helpers/web';

const FOR_EVER = 'public, max-age=31536000, immutable';
const FILES = ['style.css', 'script.js'] as const;

test('the pages name their files by version, and that name may be kept for ever', async () => {
  const app = await startApp();
  const agent = htmlAgent(app);
  const page = await agent.get('/second-factor/none').expect(404);
  const link = attribute(/<link[^>]*>/.exec(page.text)?.[0] ?? '', 'href')!;
  const script = attribute(/<script[^>]*>/.exec(page.text)?.[0] ?? '', 'src')!;
  for (const path of [link, script]) {
    const answer = await agent.get(path).expect(200);
    expect(path).toMatch(/^\/second-factor\/(style\.css|script\.js)\?v=[0-9a-f]{12}$/);
    expect(answer.headers['cache-control']).toBe(FOR_EVER);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
  }
});

test('under another version, or none, they are not kept: a rollout has two versions for a while', async () => {
  const app = await startApp();
  for (const file of FILES) {
    for (const query of ['', '?v=', '?v=000000000000', '?w=1', '?v=%E0%A4%A', '?v[]=x']) {
      const answer = await app.agent().get(`/second-factor/${file}${query}`).expect(200);
      expect([query, answer.headers['cache-control']]).toEqual([query, 'no-store']);
    }
  }
});

test('a file that comes with a cookie of the session is for its browser alone', async () => {
  const app = await startApp({ session: { rolling: true } });
  const agent = app.agent();
  await signIn(agent, 'A');
  const page = await htmlAgent(app).get('/second-factor/none');
  const path = /\/second-factor\/style\.css\?v=\w+/.exec(page.text)![0];
  const answer = await agent.get(path).expect(200);
  expect(answer.headers['set-cookie']).toHaveLength(1);
  expect(answer.headers['cache-control']).toBe('private, max-age=31536000, immutable');
  const shared = await htmlAgent(app).get(path).expect(200);
  expect([shared.headers['set-cookie'], shared.headers['cache-control']]).toEqual([
    undefined,
    FOR_EVER,
  ]);
});

test('a style sheet of the app comes after ours, so that its rules win, and its origin may be used', async () => {
  for (const [stylesheet, origin] of [
    ['/mine.css', "'self'"],
    ['https://cdn.example/mine.css', "'self' https://cdn.example"],
  ] as const) {
    const app = await startApp({ factor: { theme: { stylesheet } } });
    const page = await htmlAgent(app).get('/second-factor/none').expect(404);
    const sheets = page.text
      .match(/<link rel="stylesheet"[^>]*>/g)!
      .map((tag) => attribute(tag, 'href'));
    expect(sheets).toEqual([expect.stringMatching(/style\.css\?v=/), stylesheet]);
    expect(page.headers['content-security-policy']).toContain(`style-src ${origin};`);
    await app.close();
  }
});

test('while the session store is away its page has its styles', async () => {
  const app = await startApp();
  app.store.emit('disconnect');
  const agent = htmlAgent(app);
  const page = await agent.get('/second-factor/').expect(503);
  for (const path of [
    attribute(/<link[^>]*>/.exec(page.text)![0], 'href')!,
    attribute(/<script[^>]*>/.exec(page.text)![0], 'src')!,
  ]) {
    expect((await agent.get(path).expect(200)).headers['cache-control']).toBe(FOR_EVER);
  }
  await agent.post('/second-factor/style.css').expect(503);
});
