import { writeFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChallengeModel, LayoutParts, PageModel, Views } from '../../lib';
import { newestCode, startApp, type TestAppOptions } from '../helpers/app';
import { htmlAgent } from '../helpers/web';
import { expectWellMade, Reader } from './reader';

const LAYOUT = ({ title, head, body, lang, dir, page }: LayoutParts): string =>
  `<!doctype html><html lang="${lang}" dir="${dir}"><head><title>${title} - the bank</title>${head}</head><body class="${page}"><nav>Bank</nav>${body}</body></html>`;

test('a layout of the app stands around every page, which works as before', async () => {
  const pages: string[] = [];
  const layout = async (parts: LayoutParts, req: { path: string }) => {
    pages.push(`${parts.page} ${req.path}`);
    return LAYOUT(parts);
  };
  const app = await startApp({ factor: { layout } });
  const reader = await (await Reader.signedIn(app)).open('/secret');
  expect(reader.page).toMatch(
    /^<!doctype html><html lang="en" dir="ltr"><head><title>Confirm it&#39;s you - the bank<\/title>|<title>Confirm it's you - the bank/,
  );
  expect(reader.page).toContain('<nav>Bank</nav>');
  expectWellMade(reader);
  await reader.submit('/challenge');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.page).toBe('the secret marker');
  expect(pages).toEqual(['challenge /', 'challenge /']);
});

/** A template engine, in which `<% name %>` is a fact: all that an app needs for a page of its own. */
function withEngine(views: Views): TestAppOptions {
  const folder = mkdtempSync(join(tmpdir(), 'views-'));
  writeFileSync(
    join(folder, 'code.tiny'),
    '<html lang="<% lang %>"><h1><% title %></h1><form method="post" action="<% code.action %>"><input name="code" type="text"></form></html>',
  );
  writeFileSync(join(folder, 'broken.tiny'), '<% no.such.thing %> <% phone %>');
  const before: TestAppOptions['before'] = (app) => {
    app.engine('tiny', (path, model, done) => {
      const fact = (name: string): unknown =>
        name.split('.').reduce<unknown>((of, key) => (of as Record<string, unknown>)[key], model);
      try {
        const text = readFileSync(path, 'utf8');
        done(
          null,
          text.replace(/<% ([\w.]+) %>/g, (_all, name: string) => String(fact(name))),
        );
      } catch (error) {
        done(error);
      }
    });
    app.set('views', folder).set('view engine', 'tiny');
  };
  return { before, factor: { views } };
}

test('a page is rendered by the template engine of the app, under the library’s headers', async () => {
  const app = await startApp(
    withEngine({ challenge: 'code', message: (model) => `<p>${model.title}` }),
  );
  const agent = htmlAgent(app);
  await agent.post('/login').send({ username: 'A', password: 'right' });
  await agent.post('/second-factor/challenge').type('form').send({}).expect(303);
  const page = await agent.get('/second-factor/').expect(200);
  expect(page.text).toContain('<html lang="en"><h1>Confirm it');
  expect(page.text).toContain('action="/second-factor/verify"');
  expect(page.headers['content-security-policy']).toContain("default-src 'none'");
  expect([page.headers['cache-control'], page.headers['content-type']]).toEqual([
    'no-store',
    'text/html; charset=utf-8',
  ]);
  const code = newestCode(app);
  await agent.post('/second-factor/verify').type('form').send({ code }).expect(303);
  expect((await agent.get('/second-factor/none').expect(404)).text).toBe('<p>Not found');
});

test.each<[string, Views | undefined, (() => unknown) | undefined]>([
  ['a template that fails', { challenge: 'broken' }, undefined],
  ['a template that there is not', { challenge: 'none' }, undefined],
  [
    'a view that throws',
    {
      challenge: () => {
        throw new Error('broken');
      },
    },
    undefined,
  ],
  ['a view that gives nothing', { challenge: () => undefined as never }, undefined],
  [
    'a layout that rejects',
    undefined,
    async () => {
      throw new Error('broken');
    },
  ],
  ['a layout that gives an object', undefined, () => ({})],
  ['a layout that gives nothing', undefined, () => ''],
])('%s goes to the error handlers of the app, with nothing sent', async (_what, views, layout) => {
  const errors: unknown[] = [];
  const options = withEngine(views ?? {});
  const app = await startApp({
    ...options,
    factor: { ...options.factor, layout: layout as never },
    after: (express) => {
      express.use(
        (
          error: unknown,
          _req: unknown,
          res: { headersSent: boolean; status: (code: number) => { send: (text: string) => void } },
          _next: unknown,
        ) => {
          errors.push(error);
          expect(res.headersSent).toBe(false);
          res.status(500).send('sorry');
        },
      );
    },
  });
  const agent = htmlAgent(app);
  await agent.post('/login').send({ username: 'A', password: 'right' });
  const answer = await agent.get('/second-factor/').expect(500);
  expect([answer.text, errors.length]).toEqual(['sorry', 1]);
});

test('a model is plain JSON, and holds no number, code or secret that the page does not show', async () => {
  const seen: PageModel[] = [];
  const keep = (model: PageModel): string => {
    seen.push(model);
    return 'x';
  };
  const views = {
    challenge: keep,
    enrollment: keep,
    manage: keep,
    recoveryCodes: keep,
    message: keep,
  };
  const app = await startApp({ factor: { views, trustedDevices: { days: 7 } } });
  const agent = htmlAgent(app);
  await agent.post('/login').send({ username: 'A', password: 'right' });
  await agent.get('/second-factor/');
  await agent.post('/second-factor/challenge').type('form').send({});
  await agent.get('/second-factor/');
  const code = newestCode(app);
  const [before, pending] = seen as ChallengeModel[];
  expect([before?.state, pending?.state]).toEqual(['send', 'code']);
  expect(pending).toMatchObject({
    page: 'challenge',
    lang: 'en',
    dir: 'ltr',
    csrf: null,
    code: {
      action: '/second-factor/verify',
      codeLength: 6,
      lasts: { seconds: 300 },
      trust: { days: 7, checked: false },
    },
    resend: { wait: { seconds: 30 }, form: { action: '/second-factor/challenge' } },
  });
  await agent.post('/second-factor/verify').type('form').send({ code, trustDevice: 'on' });
  await agent.get('/second-factor/');
  await agent.get('/second-factor/none');
  expect(seen.map(({ page }) => page)).toEqual(['challenge', 'challenge', 'manage', 'message']);
  for (const model of seen) expect(JSON.parse(JSON.stringify(model))).toEqual(model);
  expect(JSON.stringify(seen)).not.toContain(code);
  expect(JSON.stringify(seen).replace(/[\s().-]/g, '')).not.toMatch(/2065550142/);
});
