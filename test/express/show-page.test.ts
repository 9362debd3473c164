import type { HttpRequest, HttpResponse } from '../../lib/express/http';
import { refuse } from '../../lib/core/outcomes';
import { frameOf, sendAsset, sendAway, sendRefusal } from '../../lib/express/show-page';
import { checkTheme } from '../../lib/options/check-theme';
import { assetsOf } from '../../lib/pages/layout';
import { bareAnswer, gateWorld } from './gate-world';

afterEach(() => jest.restoreAllMocks());

/** Answers a request for a page with a refusal: all pages go the same way. */
async function shown(
  settings: object = {},
  more: object = {},
  prepare?: (res: HttpResponse) => void,
) {
  const { edge, request } = gateWorld(settings);
  const { res, written } = bareAnswer();
  prepare?.(res);
  const failed = await sendRefusal(edge, request(more), res, refuse('not_found')).then(
    () => undefined,
    String,
  );
  return { res, failed, page: written.join('') };
}

const policy = (res: HttpResponse) => res.getHeader('Content-Security-Policy');

describe('the frame of a page', () => {
  const frame = (settings: object, more: object = {}) => {
    const { edge, request } = gateWorld(settings);
    return frameOf(edge, request(more));
  };

  test.each([
    ['a token', () => 'token', 'token'],
    ['a promise of one', () => Promise.resolve('token'), undefined],
    ['a number', () => 7, undefined],
    ['no function', 'token', undefined],
    ['nothing', undefined, undefined],
  ])('has the token of the app’s CSRF middleware where it gives %s', (_what, csrfToken, token) => {
    expect(frame({}, { csrfToken }).csrfToken).toBe(token);
  });

  test.each([
    [['pwd'], true],
    [['otp', 'pwd'], true],
    [['otp'], false],
    [[], false],
    [() => ['pwd'], false],
  ])('speaks of a password only where everybody has one: %p', (firstFactor, byPassword) => {
    expect(frame({ firstFactor }).byPassword).toBe(byPassword);
  });

  test('has what the app says of itself', () => {
    const theme = checkTheme({ name: 'ACME', logo: '/logo.svg', stylesheet: '/mine.css' });
    const said = frame({
      theme,
      domain: 'acme.example',
      logoutPath: '/logout',
      homePath: '/home',
      links: { support: '/help' },
    });
    expect(said).toMatchObject({
      appName: 'ACME',
      logo: '/logo.svg',
      stylesheet: '/mine.css',
      look: theme,
      domain: 'acme.example',
      logoutPath: '/logout',
      homePath: '/home',
      mountPath: '/second-factor',
      support: '/help',
    });
    expect(frame({}).appName).toBe('Acme');
  });
});

describe('a page', () => {
  const BEFORE = "default-src 'none'; style-src 'self'";
  const AFTER = "base-uri 'none'";
  const SCRIPTS = "script-src 'self'; connect-src 'self'";

  test.each<[string, object, object, string]>([
    ['by itself', {}, {}, `${BEFORE}; ${SCRIPTS}; frame-ancestors 'none'; ${AFTER}`],
    [
      'with sources of the app',
      {
        styleSrc: ['https://a.example'],
        connectSrc: ['https://b.example'],
        imgSrc: ['data:'],
        fontSrc: ["'self'"],
      },
      {},
      `${BEFORE} https://a.example; ${SCRIPTS} https://b.example; img-src data:; font-src 'self'; frame-ancestors 'none'; ${AFTER}`,
    ],
    [
      'with a logo and a style sheet of the app',
      {},
      { logo: '/logo.svg', stylesheet: '/mine.css' },
      `${BEFORE}; ${SCRIPTS}; img-src 'self'; frame-ancestors 'none'; ${AFTER}`,
    ],
    [
      'with those of another host',
      { imgSrc: ['data:'], styleSrc: ['https://a.example'] },
      { logo: 'https://cdn.example/a/logo.svg', stylesheet: 'https://cdn.example/mine.css' },
      `${BEFORE} https://cdn.example https://a.example; ${SCRIPTS}; img-src data: https://cdn.example; frame-ancestors 'none'; ${AFTER}`,
    ],
  ])('loads and runs no more than it needs: %s', async (_what, csp, theme, expected) => {
    const { res } = await shown({ csp, theme: checkTheme(theme) });
    expect(policy(res)).toBe(expected);
    expect(res.getHeader('X-Frame-Options')).toBe('DENY');
  });

  test('that some may frame is no longer forbidden to be framed by another header', async () => {
    const csp = { frameAncestors: ['https://portal.example'] };
    const { res } = await shown({ csp }, {}, (each) => each.setHeader('X-Frame-Options', 'DENY'));
    expect(policy(res)).toContain('frame-ancestors https://portal.example;');
    expect(res.hasHeader('X-Frame-Options')).toBe(false);
  });

  test('says its status, its language and how it is kept', async () => {
    const { res, page } = await shown({}, { headers: { 'accept-language': 'de' } });
    expect(res.statusCode).toBe(404);
    expect(res.getHeaders()).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-language': 'de',
      vary: 'Accept-Language',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(page).toMatch(/^<!doctype html>\s*<html lang="de"/i);
  });

  const FORM = { host: 'acme.example', referer: 'https://acme.example/form?a=1' };
  test.each<[string, object, boolean]>([
    ['a form', { method: 'POST', headers: FORM }, true],
    ['a link', { headers: FORM }, false],
    ['a form of another host', { method: 'POST', headers: { ...FORM, host: 'b.example' } }, false],
  ])('that answers %s leads back to where it stands: %#', async (_what, more, leadsBack) => {
    const { page } = await shown({}, more);
    expect(page.includes('href="/form?a=1"')).toBe(leadsBack);
  });

  test('names whom to ask where the app says it, and stands in the app’s layout', async () => {
    const layout = jest.fn((parts: { title: string; head: string; body: string }) =>
      Promise.resolve(`${parts.title}|${parts.body}`),
    );
    const { page } = await shown({ links: { support: '/help' }, layout });
    expect(page).toMatch(/^Not found\|<h1>Not found<\/h1>/);
    expect(page).toContain('<a href="/help"');
    expect(Object.keys(layout.mock.calls[0]![0])).toEqual([
      'title',
      'head',
      'body',
      'lang',
      'dir',
      'page',
    ]);
    expect(layout.mock.calls[0]![0].head).toContain('style.css');
  });

  const ENDING = 'Have it give the whole document, as a string.';
  test.each<[string, object, string]>([
    [
      'a view that gives nothing',
      { views: { message: () => undefined } },
      `TypeError: passport-sms-2fa: views.message gave undefined. ${ENDING}`,
    ],
    [
      'a layout that gives an empty text',
      { layout: () => '' },
      `TypeError: passport-sms-2fa: layout gave an empty string. ${ENDING}`,
    ],
    [
      'a template where there is no engine',
      { views: { message: 'oops' } },
      'TypeError: res.render is not of Express.',
    ],
    [
      'a layout that never answers',
      { layout: () => new Promise(() => undefined) },
      'Error: passport-sms-2fa: layout gave nothing within 5 s.',
    ],
    [
      'a view that never answers',
      { views: { message: () => new Promise(() => undefined) } },
      'Error: passport-sms-2fa: views.message gave nothing within 5 s.',
    ],
  ])('is not sent, and says why: %s', async (_what, settings, says) => {
    const real = setTimeout;
    const soon = (work: () => void, wait?: number) => real(work, wait === 5_000 ? 5 : wait);
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(soon);
    const { res, failed, page } = await shown(settings);
    expect([failed, page, res.headersSent]).toEqual([says, '', false]);
  });

  test.each<[string, unknown, unknown, string]>([
    ['undefined', undefined, '<p>made', '<p>made'],
    ['null', null, '<p>made', '<p>made'],
    ['an error', new Error('broken'), undefined, 'Error: broken'],
  ])('is rendered by the template engine, whose error is %s', async (_what, error, text, seen) => {
    const { failed, page } = await shown({ views: { message: 'oops' } }, {}, (res) => {
      res.render = ((view: string, model: { page: string }, done: (...all: unknown[]) => void) => {
        expect([view, model.page]).toEqual(['oops', 'message']);
        done(error, text);
      }) as never;
    });
    expect(failed ?? page).toBe(seen);
  });

  test('is not sent twice where a view answers by itself', async () => {
    const { edge, request } = gateWorld();
    const { res, written } = bareAnswer();
    const message = (): string => {
      res.write('by the view');
      return 'ignored';
    };
    Object.assign(edge, { settings: { ...edge.settings, views: { message } } });
    await sendRefusal(edge, request(), res, refuse('not_found'));
    expect([written, policy(res), res.writableEnded]).toEqual([['by the view'], undefined, false]);
  });

  test('is a problem document to whoever wants JSON', async () => {
    const { res, page } = await shown({}, { accepts: () => 'json' });
    expect(res.getHeader('Content-Type')).toBe('application/problem+json; charset=utf-8');
    expect(JSON.parse(page)).toMatchObject({ code: 'not_found', status: 404 });
  });
});

describe('a file of the pages', () => {
  const [style, script] = assetsOf(checkTheme(undefined));
  const KEPT = 'max-age=31536000, immutable';
  const asked = (url: string, prepare?: (res: HttpResponse) => void) => {
    const { res, written } = bareAnswer();
    prepare?.(res);
    sendAsset({ url } as HttpRequest, res, style);
    return { res, written, kept: () => res.getHeader('Cache-Control') };
  };

  test.each([
    [`/style.css?v=${style.version}`, `public, ${KEPT}`],
    [`/style.css?a=1&v=${style.version}`, `public, ${KEPT}`],
    [`/style.css?v=${script.version}`, 'no-store'],
    ['/style.css?v', 'no-store'],
    ['/style.css', 'no-store'],
  ])('asked for as %s is kept: %s', (url, kept) => {
    const { res, written, ...answer } = asked(url);
    expect(answer.kept()).toBe(kept);
    expect([written, res.statusCode, res.getHeader('Content-Type')]).toEqual([
      [style.content],
      200,
      'text/css; charset=utf-8',
    ]);
    expect(res.getHeader('X-Content-Type-Options')).toBe('nosniff');
  });

  test('is its browser’s alone where a cookie comes with it, before or after', () => {
    const cookie = (res: HttpResponse): HttpResponse => res.setHeader('SET-cookie', 'a=1');
    const url = `/style.css?v=${style.version}`;
    expect(asked(url, cookie).kept()).toBe(`private, ${KEPT}`);
    // express-session sets its own in the moment that the headers are written.
    const later = asked(url, (res) => void Object.assign(res, { end: () => res }));
    expect(later.res.setHeader('X-Own', '1')).toBe(later.res);
    expect(later.kept()).toBe(`public, ${KEPT}`);
    expect(cookie(later.res)).toBe(later.res);
    expect([later.kept(), later.res.getHeader('Set-Cookie')]).toEqual([`private, ${KEPT}`, 'a=1']);
  });

  test.each([
    ['', 'GET', '/second-factor/style.css?v=1', 200],
    ['', 'HEAD', '/second-factor/script.js', 200],
    ['', 'POST', '/second-factor/style.css', 503],
    ['', 'GET', '/second-factor/', 503],
    ['', 'GET', '/style.css', 503],
    ['', 'GET', '//evil.example/style.css', 503],
    ['/shop', 'GET', '/second-factor/style.css', 200],
  ])(
    'is there while all else is refused: browsers at %j, %s %s is %i',
    async (browser, method, originalUrl, status) => {
      const basePath = { browser, app: '' };
      const mountPath = `${browser}/second-factor`;
      const { edge, request } = gateWorld({ basePath, mountPath });
      const { res } = bareAnswer();
      const req = request({ method, originalUrl, url: originalUrl });
      await sendAway(edge, req, res, refuse('store_unavailable'));
      expect(res.statusCode).toBe(status);
      expect(res.getHeader('Retry-After')).toBe(status === 503 ? '5' : undefined);
    },
  );
});
