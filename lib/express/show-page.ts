import { PASSWORD } from '../core/amr';
import type { Refusal } from '../core/outcomes';
import { saidAtOnce } from '../core/untrusted';
import { kindOf } from '../misuse';
import type { CspOptions, Settings } from '../options/options';
import { challengeBody } from '../pages/challenge-page';
import { enrollmentBody } from '../pages/enrollment-page';
import { html, type Html } from '../pages/html';
import {
  assetsOf,
  documentOf,
  headOf,
  link,
  noticeLine,
  type Asset,
  type Frame,
} from '../pages/layout';
import { confirmBody, manageBody } from '../pages/manage-page';
import type { PageModel } from '../pages/models';
import { messageBody, problemPage } from '../pages/problem-box';
import { recoveryCodesBody } from '../pages/recovery-codes-page';
import { resumeBody } from '../pages/resume-page';
import { timeLimit } from '../time-limit';
import { headersOf } from './assurance';
import type { Edge } from './edge';
import {
  isSafe,
  wantsPage,
  type HttpRequest,
  type HttpResponse,
  languageOf,
  guardHeaders,
  send,
} from './http';
import { refererPath, seenPath } from './paths';
import { problemOf } from './problems';
import { languageHeaders, sendProblem, setHeaders } from './respond';

/** What every page of this request knows. */
export function frameOf(edge: Edge, req: HttpRequest): Frame {
  const { domain, logoutPath } = edge.settings;
  // csurf, csrf-sync, csrf-csrf and lusca all offer the token this way.
  const token = typeof req.csrfToken === 'function' ? saidAtOnce(req.csrfToken()) : undefined;
  const csrfToken = typeof token === 'string' ? token : undefined;
  return { ...frameOfRefusal(edge, req), domain, logoutPath, csrfToken };
}

/** Whether everybody signs in with a password, as far as the app says. */
function isByPassword({ settings: { firstFactor } }: Edge): boolean {
  return typeof firstFactor !== 'function' && firstFactor.includes(PASSWORD);
}

/**
 * Answers with a page: the app's own view of it, else the library's in the app's layout. Rejects with what
 * the app's part of it throws, for the app's error handlers; nothing is sent then.
 */
export async function sendPage(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  status: number,
  model: PageModel,
): Promise<void> {
  const text = await documentFor(edge.settings, req, res, model);
  // A view that has answered by itself.
  if (res.headersSent) return;
  const { csp, theme } = edge.settings;
  res.setHeader('Content-Security-Policy', policyOf(csp, theme));
  // It knows no hosts; where some may frame the page the policy alone says which.
  if (csp.frameAncestors === undefined) res.setHeader('X-Frame-Options', 'DENY');
  else res.removeHeader('X-Frame-Options');
  guardHeaders(res);
  languageHeaders(edge, req, res);
  send(res, status, 'text/html; charset=utf-8', text);
}

/** A refusal as a page or as a problem document, whichever the client wants. */
export async function sendRefusal(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  refusal: Refusal,
): Promise<void> {
  if (!wantsPage(req)) {
    await sendProblem(edge, req, res, refusal);
    return;
  }
  setHeaders(res, await headersOf(edge, req, refusal));
  // To the page that the form stands on; nothing else says where its user was.
  const backPath = isSafe(req) ? undefined : refererPath(req);
  const frame = { ...frameOfRefusal(edge, req), backPath };
  const problem = problemOf(refusal, frame.words);
  await sendPage(edge, req, res, problem.status, problemPage(frame, problem));
}

/** Without forms: whoever is refused may have no session, and the app's CSRF middleware not have run. */
export function frameOfRefusal(edge: Edge, req: HttpRequest): Frame {
  const { appName, theme, mountPath, homePath, links } = edge.settings;
  return {
    words: languageOf(edge, req),
    appName: theme.name ?? appName,
    logo: theme.logo,
    look: theme,
    stylesheet: theme.stylesheet,
    mountPath,
    homePath,
    support: links.support,
    byPassword: isByPassword(edge),
  };
}

/** How long a view or a layout may take, in milliseconds. */
const SHOWN_WITHIN = 5_000;

async function documentFor(
  { views, layout }: Settings,
  req: HttpRequest,
  res: HttpResponse,
  model: PageModel,
): Promise<string> {
  const view = views[model.page];
  if (view !== undefined) {
    const name = `views.${model.page}`;
    const render =
      typeof view === 'string' ? rendered(res, view, model) : view(model as never, req);
    return asText(name, await inTime(name, render));
  }
  const body = html`<h1>${model.title}</h1>
    ${noticeLine(model)} ${bodyOf(model)} ${model.support && link(model.support)}`;
  if (layout === undefined) return documentOf(model, body);
  const { title, lang, dir, page } = model;
  const parts = { title, head: headOf(model).text, body: body.text, lang, dir, page };
  return asText('layout', await inTime('layout', layout(parts, req)));
}

function inTime(name: string, answer: unknown): Promise<unknown> {
  const late = (): Error =>
    new Error(`passport-sms-2fa: ${name} gave nothing within ${SHOWN_WITHIN / 1_000} s.`);
  return timeLimit(Promise.resolve(answer), SHOWN_WITHIN, late);
}

/** By the app's template engine. */
function rendered(res: HttpResponse, view: string, model: PageModel): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (res.render === undefined) throw new TypeError('res.render is not of Express.');
    res.render(view, model, (error, text) => {
      if (error === undefined || error === null) resolve(text);
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
      else reject(error);
    });
  });
}

function asText(name: string, given: unknown): string {
  if (typeof given === 'string' && given !== '') return given;
  throw new TypeError(
    `passport-sms-2fa: ${name} gave ${kindOf(given)}. Have it give the whole document, as a string.`,
  );
}

function bodyOf(model: PageModel): Html {
  switch (model.page) {
    case 'challenge':
      return challengeBody(model);
    case 'enrollment':
      return enrollmentBody(model);
    case 'manage':
      return manageBody(model);
    case 'confirm':
      return confirmBody(model);
    case 'recoveryCodes':
      return recoveryCodesBody(model);
    case 'resume':
      return resumeBody(model);
    case 'message':
      return messageBody(model);
  }
}

/**
 * The pages use their own two files; nothing else may run or frame but what the app adds, and that is
 * never a script. No form-action: Chromium holds the redirects after a form to it, and what comes
 * after a code may be the page of another site.
 */
function policyOf(csp: CspOptions, { logo, stylesheet }: Settings['theme']): string {
  const { styleSrc, imgSrc, fontSrc, connectSrc, frameAncestors } = csp;
  const directives: [string, readonly string[] | undefined][] = [
    ['default-src', ["'none'"]],
    ['style-src', [...new Set(["'self'", ...sourcesOf(stylesheet), ...(styleSrc ?? [])])]],
    ['script-src', ["'self'"]],
    ['connect-src', ["'self'", ...(connectSrc ?? [])]],
    ['img-src', logo === undefined ? imgSrc : [...(imgSrc ?? []), ...sourcesOf(logo)]],
    ['font-src', fontSrc],
    ['frame-ancestors', frameAncestors ?? ["'none'"]],
    ['base-uri', ["'none'"]],
  ];
  return directives
    .flatMap(([name, sources]) => (sources === undefined ? [] : [[name, ...sources].join(' ')]))
    .join('; ');
}

/** The whole origin, as what is asked for may be led on to another path there. */
function sourcesOf(address: string | undefined): string[] {
  if (address === undefined) return [];
  return [address.startsWith('/') ? "'self'" : new URL(address).origin];
}

const A_YEAR = 'max-age=31536000, immutable';

/** One of the pages' two files. Under the name of its version it stays the same, and may be kept. */
export function sendAsset(req: HttpRequest, res: HttpResponse, file: Asset): void {
  guardHeaders(res);
  const version = new URLSearchParams(req.url?.split('?').slice(1).join('?')).get('v');
  if (version === file.version) keepUnlessPersonal(res);
  send(res, 200, file.type, file.content);
}

/**
 * Answers where all requests are refused, wherever the router is: with the page that says so, and with the
 * two files that it needs, which need no session.
 */
export async function sendAway(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  refusal: Refusal,
): Promise<void> {
  const { settings } = edge;
  const path = isSafe(req) ? seenPath(settings, req.originalUrl)?.split('?', 1)[0] : undefined;
  const file = assetsOf(settings.theme).find((each) => path === settings.mountPath + each.path);
  if (file === undefined) await sendRefusal(edge, req, res, refusal);
  else sendAsset(req, res, file);
}

/**
 * Lets every cache keep the answer, unless there is a cookie in it: express-session adds that of a session
 * as late as when the headers are written, and a shared cache would hand it to everybody.
 */
function keepUnlessPersonal(res: HttpResponse): void {
  const scope = res.hasHeader('Set-Cookie') ? 'private' : 'public';
  res.setHeader('Cache-Control', `${scope}, ${A_YEAR}`);
  const setHeader = res.setHeader.bind(res);
  res.setHeader = (name, value) => {
    if (name.toLowerCase() === 'set-cookie') setHeader('Cache-Control', `private, ${A_YEAR}`);
    return setHeader(name, value);
  };
}
