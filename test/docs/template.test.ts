import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { createSecondFactor, mapEnrollments, memoryCounter, outboxSender } from '../../lib';
import type { Express } from 'express';
import session from 'express-session';
import { newestCode, SECRET, startApp, wrongCode } from '../helpers/app';
import { Reader } from '../pages/reader';
import { DOCS } from './page';

const page = readFileSync(join(DOCS, 'pages.md'), 'utf8');
const [, template = ''] = /```html\n([^]*?)```/.exec(page) ?? [];
const readme = readFileSync(join(DOCS, '..', 'README.md'), 'utf8');

/** As EJS has it: `<%= %>` is text, `<% %>` is code, and what is `null` is nothing. */
function ejs(source: string): (model: object) => string {
  const escape = (fact: string | number | null): string =>
    `${fact ?? ''}`.replace(/[&<>"']/g, (each) => `&#${each.charCodeAt(0)};`);
  const parts = source.split(/<%(=?)([^]*?)%>/);
  const body = parts.map((part, at) => {
    if (at % 3 === 0) return `out += ${JSON.stringify(part)};`;
    if (at % 3 === 1) return '';
    return parts[at - 1] === '=' ? `out += escape(${part});` : part;
  });
  const code = `let out = ''; with (model) { ${body.join('\n')} } return out;`;
  const render = compileFunction(code, ['model', 'escape']) as (...of: unknown[]) => string;
  return (model) => render(model, escape);
}

test('the template on the page is a whole page by another engine, in 15 lines with its option', async () => {
  const lines = template.trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length + 1).toBeLessThanOrEqual(15);
  expect(page).toContain("challenge: 'code', // views/code.ejs");
  const folder = mkdtempSync(join(tmpdir(), 'views-'));
  writeFileSync(join(folder, 'code.ejs'), template);
  const before = (app: Express) => {
    app.engine('ejs', (path, model, done) => {
      done(null, ejs(readFileSync(path, 'utf8'))(model));
    });
    app.set('views', folder).set('view engine', 'ejs');
  };
  const app = await startApp({ before, factor: { views: { challenge: 'code' } } });
  const reader = await (await Reader.signedIn(app)).open('/secret');
  expect(reader.text).toContain("Confirm it's you We'll text a code to");
  await reader.submit('/challenge');
  expect(reader.text).toContain('Enter the 6-digit code we texted to');
  await reader.submit('/verify', { code: wrongCode(newestCode(app)) });
  expect(reader.page).toContain('<p role="alert">Wrong code That isn');
  await reader.submit('/verify', { code: newestCode(app) });
  expect(reader.page).toBe('the secret marker');
});

test('the README has the name, color and logo of an app in six lines at most, which an app may hand over', () => {
  const [, theme = ''] = /theme: (\{[^`]*\})`/.exec(readme) ?? [];
  expect(theme.split('\n').length).toBeLessThanOrEqual(6);
  const given = compileFunction(`return ${theme}`)() as object;
  expect(Object.keys(given).sort()).toEqual(['colors', 'logo', 'name']);
  const make = () =>
    createSecondFactor({
      appName: 'Acme',
      secret: SECRET,
      sessionStore: new session.MemoryStore(),
      sender: outboxSender(),
      enrollments: mapEnrollments(new Map()),
      counter: memoryCounter(),
      theme: given,
    });
  expect(make).not.toThrow();
});
