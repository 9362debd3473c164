import { refuse, type Detail } from '../core/outcomes';
import type { Core, Requester } from '../core/core';
import { wasRevoked } from '../core/sessions';
import { equalInConstantTime, localPath, own } from '../core/untrusted';
import { DAY_MS } from '../durations';
import type { RequireOptions } from '../options/verb-options';
import { sentPage } from '../pages/resume-page';
import { NO_LIMIT, type Place } from '../ports/counter';
import { storeCall } from '../time-limit';
import { accountNow, type Account } from './account';
import { bodyOf, readBody, isCrossSite } from './post';
import type { Edge } from './edge';
import { isForm, isSafe, onEnd, wantsPage, type HttpRequest, type HttpResponse } from './http';
import { REMEMBERED } from './interrupted';
import { seenPath } from './paths';
import { userIdOf } from './requester';
import { brokenRefusal, reportBroken, sendProblem } from './respond';
import { changeState, stateOf, type FormWords, type KeptPost } from './session-state';
import { frameOfRefusal, sendPage, sendRefusal } from './show-page';

/** The longest form that is kept, and the longest description of it, in characters. */
const LONGEST_POST = 4_096;
const LONGEST_WORDS = 8_192;
/** How long it is remembered that a form was sent: pages stay open, and come back with the browser. */
const SENT_REMEMBERED = DAY_MS;

/**
 * What can be had of a form post that the gate interrupted. With `resume` the post itself, to be sent
 * again when the user says so: urlencoded, at most 4 kB. `id` where it was kept before.
 */
export async function interruptedPost(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  { resume, id }: { resume: NonNullable<RequireOptions['resume']>; id: string | undefined },
): Promise<{ interrupted: { userId: string; at: number }; keptPost?: KeptPost } | undefined> {
  const { userId } = who;
  const interrupted = { userId, at: edge.core.clock() };
  // Another site's form must not wait here for the user's own click.
  if (isCrossSite(req, edge.settings.origins)) return undefined;
  if (resume === false) return { interrupted };
  // Only of a session that is still verified, if not freshly: a post that somebody with the password
  // alone left here, or whose session was revoked, must not wait for the user's click.
  const { mark, epoch } = await accountNow(edge, req, who);
  const post = mark === undefined ? undefined : await readPost(edge, req);
  if (post === undefined) return { interrupted };
  const words = resume === true ? undefined : await wordsOf(edge, req, resume.describe);
  const kept = { id: id ?? newFormId(edge.core, userId), epoch, ...post, ...(words && { words }) };
  return { interrupted, keptPost: { ...interrupted, ...kept } };
}

/** The post that waits to be sent again, or `undefined`: dead after five minutes, or a revocation. */
export async function keptPostOf(
  { core }: Edge,
  req: HttpRequest,
  { userId }: Requester,
  { epoch, enrollment }: Account,
): Promise<KeptPost | undefined> {
  const { keptPost } = stateOf(req);
  if (keptPost?.userId !== userId || keptPost.epoch !== epoch) return undefined;
  if (core.clock() - keptPost.at >= REMEMBERED) return undefined;
  // Without an enrollment there is no epoch of it that could change.
  if (enrollment === undefined && (await wasRevoked(core, userId, keptPost.at))) return undefined;
  return keptPost;
}

/** In the query of the form's action: the body is the app's own, whichever parser reads it. */
const FORM_ID = /[?&]sms2fa-form=([\w-]{22})$/;

/**
 * A name for a form of this user, by which the gate knows its own: one that somebody else has made up,
 * or had of a form of their own, and put into a link, must not tell a user that their form is done.
 */
export function newFormId(core: Core, userId: string): string {
  const random = core.random(8);
  return random + formSeal(core, userId, random);
}

/** How many characters of a name are random; as many say that they are. */
const RANDOM = 11;

function formSeal({ keyring }: Core, userId: string, random: string): string {
  return keyring.seal(['form', userId, random].join('\0')).slice(0, RANDOM);
}

/** The path that the page posts a kept form to; the gate makes it again what it was. */
export function withFormId({ path, id }: Pick<KeptPost, 'path' | 'id'>): string {
  return `${path}${path.includes('?') ? '&' : '?'}sms2fa-form=${id}`;
}

/**
 * Which kept form this request sends. From here on its address is the one it was kept with. None where
 * it comes from a page at that very address, such as the app's answer to the form: it was filled in
 * anew there, and is another one.
 */
export function takeFormId(edge: Edge, req: HttpRequest): string | undefined {
  const { originalUrl = '' } = req;
  const id = FORM_ID.exec(originalUrl)?.[1];
  if (id === undefined) return undefined;
  req.originalUrl = originalUrl.replace(FORM_ID, '');
  req.url = req.url?.replace(FORM_ID, '');
  // Express 4 has parsed it already; Express 5 parses it when it is asked for.
  const query = own(req, 'query');
  if (typeof query === 'object' && query !== null) Reflect.deleteProperty(query, 'sms2fa-form');
  const { user, headers } = req;
  const isAnew = FORM_ID.exec(headers.referer ?? '')?.[1] === id;
  if (isAnew || user === undefined || user === null || user === false) return undefined;
  const seal = formSeal(edge.core, userIdOf(edge, user), id.slice(0, RANDOM));
  return equalInConstantTime(seal, id.slice(RANDOM)) ? id : undefined;
}

/**
 * Lets a request pass that may be a kept form's: the form once, whoever else sends it in the same
 * moment [S191]. Answers false where it was sent before; then that is told.
 */
export async function sendsOnce(edge: Edge, req: HttpRequest, res: HttpResponse): Promise<boolean> {
  const { core } = edge;
  const id = takeFormId(edge, req);
  if (isSafe(req)) return true;
  const { keptPost } = stateOf(req);
  if (id === undefined) {
    // Filled in anew, in its place.
    if (keptPost !== undefined && keptPost.path === seenPath(edge.settings, req.originalUrl))
      forgetKeptPost(req);
    return true;
  }
  const place = sentPlace(core, id);
  let became: 'sent' | 'done' | undefined;
  try {
    const { ok } = await core.counter.settle({ take: [place] });
    if (!ok) became = (await whatBecame(core, id)) ?? 'sent';
  } catch (error) {
    await sendRefusal(edge, req, res, brokenRefusal(edge, req, error));
    return false;
  }
  if (became !== undefined) {
    await tellSent(edge, req, res, became);
    return false;
  }
  if (keptPost?.id === id) {
    const { userId } = keptPost;
    changeState(req, { keptPost: undefined, interrupted: undefined });
    changeState(req, { sentPost: { userId, at: core.clock(), id } });
  }
  onEnd(res, () => {
    if (res.statusCode >= 400) return;
    const done = { ...place, limit: NO_LIMIT };
    void core.counter.settle({ take: [done], lasting: true }).catch(() => undefined);
  });
  return true;
}

export function forgetKeptPost(req: HttpRequest): void {
  changeState(req, { keptPost: undefined, interrupted: undefined });
}

/** What became of a kept form: `sent` where the app has not answered it, or with an error. */
export async function whatBecame(core: Core, id: string): Promise<'sent' | 'done' | undefined> {
  const { key } = sentPlace(core, id);
  const count = (await core.counter.settle({ read: [key] })).read.get(key)?.count ?? 0;
  if (count === 0) return undefined;
  return count === 1 ? 'sent' : 'done';
}

/** Says that a kept form was sent before. */
export async function tellSent(
  edge: Edge,
  req: HttpRequest,
  res: HttpResponse,
  became: 'sent' | 'done',
): Promise<void> {
  const done = became === 'done';
  if (wantsPage(req)) {
    const page = sentPage(frameOfRefusal(edge, req), { done, status: 409 });
    await sendPage(edge, req, res, 409, page);
  } else await sendProblem(edge, req, res, refuse('not_found', { detail: sentDetail(done) }));
}

export function sentDetail(done: boolean): Detail {
  return { say: done ? 'detail.formDone' : 'detail.formSent' };
}

/** One is taken when the form is sent, another one when the app has answered without an error. */
function sentPlace({ keyring }: Core, id: string): Place {
  return { key: `${keyring.subjects.form(id)}#sent`, window: SENT_REMEMBERED, limit: 1 };
}

/** What the app says the form would do; nothing where it fails to. */
async function wordsOf(
  edge: Edge,
  req: HttpRequest,
  describe: (req: HttpRequest) => unknown,
): Promise<FormWords | undefined> {
  try {
    return await storeCall('describe', async () => readWords(await describe(req)));
  } catch (error) {
    reportBroken(edge, req, error);
    return undefined;
  }
}

function readWords(given: unknown): FormWords {
  const title = own(given, 'title');
  const lines = own(given, 'lines');
  const isLine = (line: unknown): boolean =>
    Array.isArray(line) &&
    line.length === 2 &&
    typeof line[0] === 'string' &&
    (typeof line[1] === 'string' || Number.isFinite(line[1]));
  const whole =
    typeof title === 'string' && title !== '' && Array.isArray(lines) && lines.every(isLine);
  if (!whole) throw new Error('it gave no { title, lines: [[label, value]] }');
  const words = (lines as [string, unknown][]).map(([label, value]): [string, string] => [
    label,
    String(value),
  ]);
  if (JSON.stringify([title, words]).length > LONGEST_WORDS) throw new Error('it gave too much');
  return { title, lines: words };
}

async function readPost(
  edge: Edge,
  req: HttpRequest,
): Promise<Pick<KeptPost, 'path' | 'fields'> | undefined> {
  const path = seenPath(edge.settings, req.originalUrl);
  if (
    req.method !== 'POST' ||
    path === undefined ||
    localPath(req.originalUrl) !== req.originalUrl ||
    !isForm(req)
  ) {
    return undefined;
  }
  if ((await readBody(edge, req)) !== undefined) return undefined;
  const fields = namedFields(bodyOf(req));
  const fits = new URLSearchParams(fields).toString().length <= LONGEST_POST;
  return fits ? { path, fields } : undefined;
}

/** The fields of a body as the app's parser left them, under the names that they came with. */
function namedFields(body: unknown, prefix = ''): [string, string][] {
  if (typeof body === 'string') return [[prefix, body]];
  if (typeof body !== 'object' || body === null) return [];
  return Object.keys(body).flatMap((key) => {
    const value = own(body, key);
    if (prefix === '') return namedFields(value, key);
    const repeated = Array.isArray(body) && typeof value === 'string';
    // A list of one comes of `name[]` only; under its bare name it would be a text.
    const list = Array.isArray(body) && body.length === 1 ? `${prefix}[]` : prefix;
    return namedFields(value, repeated ? list : `${prefix}[${key}]`);
  });
}
