import { hash } from 'node:crypto';
import type { Words } from '../locales/locales';
import { html, type Html } from './html';
import type { CountdownModel, FormModel, LinkModel, ProblemModel } from './form-models';
import type { PageFrame } from './models';
import { SCRIPT } from './script';
import { styleOf, type Look } from './style';

/** What a page of one request is made of, beside its own facts. */
export interface Frame {
  words: Words;
  appName: string;
  /** The address of an image that stands for the name. */
  logo?: string | undefined;
  /** Where a code may be typed, and nowhere else. */
  domain?: string | undefined;
  look: Look;
  /** One of the app's own, after the library's. */
  stylesheet?: string | undefined;
  mountPath: string;
  homePath: string;
  /** Takes a POST that signs the user out; offered where it is known. */
  logoutPath?: string | undefined;
  /** Where a person helps: https, or a path of the app. */
  support?: string | undefined;
  /** Where the user came from, where that is a page of the app; else the way back is the app's first one. */
  backPath?: string | undefined;
  /** What has gone well with the last request. */
  notice?: string | undefined;
  /** The token of the app's own CSRF middleware, where it has one. */
  csrfToken?: string | undefined;
  /** Everybody signs in with a password, and the words of the page say so. */
  byPassword: boolean;
}

/** The two files of the pages: a name has one content for ever, so browsers may keep it. */
export interface Asset {
  path: string;
  type: string;
  content: string;
  version: string;
}

const made = new WeakMap<Look, readonly [style: Asset, script: Asset]>();

export function assetsOf(look: Look): readonly [style: Asset, script: Asset] {
  const assets = made.get(look) ?? [
    asset('/style.css', 'text/css', styleOf(look)),
    asset('/script.js', 'text/javascript', SCRIPT),
  ];
  made.set(look, assets);
  return assets;
}

function asset(path: string, type: string, content: string): Asset {
  const version = hash('sha256', content, 'hex').slice(0, 12);
  return { path, type: `${type}; charset=utf-8`, content, version };
}

export function frameModel(frame: Frame, title: string, problem: ProblemModel | null): PageFrame {
  const { words, appName, logo = null, mountPath, homePath, logoutPath, support, notice } = frame;
  const [style, script] = assetsOf(frame.look).map(
    ({ path, version }) => `${mountPath}${path}?v=${version}`,
  );
  return {
    lang: words.lang,
    dir: words.dir,
    appName,
    logo,
    title,
    mountPath,
    homePath,
    assets: { style: style ?? '', own: frame.stylesheet ?? null, script: script ?? '' },
    csrf: csrfField(frame),
    problem,
    notice: notice ?? null,
    support: support === undefined ? null : { path: support, text: words.say('frame.support') },
    signOut:
      logoutPath === undefined
        ? null
        : {
            action: logoutPath,
            button: words.say('frame.signOut'),
            sending: null,
            fields: hidden(frame),
          },
    ending: words.say('phone.ending', { digits: '{digits}' }),
  };
}

/** What a button says meanwhile, by where its form goes: a carrier, or a store, may be slow. */
const DOING: Partial<Record<string, 'code.sending' | 'code.checking'>> = {
  '/challenge': 'code.sending',
  '/enrollment': 'code.sending',
  '/verify': 'code.checking',
  '/enrollment/verify': 'code.checking',
  '/recovery': 'code.checking',
};

/** A form of the library's own. */
export function formModel(
  frame: Frame,
  path: string,
  button: string,
  fields: Readonly<Record<string, string>> = {},
): FormModel {
  const { words, mountPath } = frame;
  const doing = DOING[path];
  const sending = doing === undefined ? null : words.say(doing);
  return { action: mountPath + path, button, sending, fields: hidden(frame, fields) };
}

/** The app's CSRF token, in every form that changes something, then the others. */
function hidden(frame: Frame, fields: Readonly<Record<string, string>> = {}) {
  const token = csrfField(frame);
  const others = Object.entries(fields).map(([name, value]) => ({ name, value }));
  return token === null ? others : [token, ...others];
}

export function csrfField({ csrfToken }: Frame) {
  return csrfToken === undefined ? null : { name: '_csrf', value: csrfToken };
}

export function homeLink({ words, homePath }: Frame, name: HomeWords): LinkModel {
  return { path: homePath, text: words.say(name) };
}

/** Back to what the library's own page of the user offers. */
export function manageLink({ words, mountPath }: Frame, name: 'frame.cancel'): LinkModel {
  return { path: `${mountPath}/`, text: words.say(name) };
}

type HomeWords = 'frame.back' | 'frame.continue' | 'frame.notNow' | 'resume.no';

/** The links and scripts of a page. */
export function headOf({ assets }: PageFrame): Html {
  return html`<link rel="stylesheet" href="${assets.style}" />
    ${assets.own !== null && html`<link rel="stylesheet" href="${assets.own}" />`}
    <script src="${assets.script}" defer></script>`;
}

/** A whole document, for apps without a frame of their own. */
export function documentOf(model: PageFrame, body: Html): string {
  return html`<!doctype html>
    <html lang="${model.lang}" dir="${model.dir}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${model.title} · ${model.appName}</title>
        ${headOf(model)}
      </head>
      <body>
        <main>
          <p class="app">
            ${model.logo === null ? model.appName : html`<img src="${model.logo}" alt="${model.appName}" />`}
          </p>
          ${body}
        </main>
      </body>
    </html> `.text;
}

export function fieldsOf({ fields }: FormModel): Html[] {
  return fields.map(
    ({ name, value }) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
}

/** A form that is only its button. */
export function buttonForm(
  form: FormModel,
  options: {
    atOnce?: boolean;
    quiet?: boolean;
    once?: boolean;
    /** It waits so long; `instead` selects the sentence that says so without the script. */
    waits?: { seconds: number; over: string; instead: string } | undefined;
  } = {},
): Html {
  const { atOnce = false, quiet = false, once = true, waits } = options;
  return html`<form
    method="post"
    action="${form.action}"
    ${once && html` data-once`}
    ${atOnce && html` data-submit-at-once`}
  >
    ${fieldsOf(form)}${submitButton(form, quiet, waits)}
  </form>`;
}

export function submitButton(
  { button, sending }: FormModel,
  quiet = false,
  waits?: { seconds: number; over: string; instead: string },
): Html {
  return html`<button
    type="submit"
    ${quiet && html` class="quiet"`}
    ${sending !== null && html` data-sending="${sending}"`}
    ${
      waits !== undefined &&
      html` data-left="${waits.seconds}" data-over="${waits.over}" data-instead="${waits.instead}"`
    }
  >
    ${button}
  </button>`;
}

/** A way out for somebody who cannot go on, without the phone at hand. */
export function signOut({ signOut: form }: PageFrame): Html | null {
  return form && buttonForm(form, { quiet: true, once: false });
}

/** What has gone well, where screen readers announce it. */
export function noticeLine({ notice, ending }: PageFrame): Html | null {
  if (notice === null) return null;
  const [masked = ''] = MASKED.exec(notice) ?? [];
  return html`<p class="notice" role="status">${withPhone(notice, masked, ending)}</p>`;
}

export function link({ path, text }: LinkModel): Html {
  return html`<p><a href="${path}">${text}</a></p>`;
}

export function paragraphs(sentences: readonly string[], style?: 'hint'): Html[] {
  return sentences.map(
    (sentence) => html`<p ${style !== undefined && html` class="${style}"`}>${sentence}</p>`,
  );
}

/** A sentence in which a masked number keeps together, and its direction. */
export function withPhone(sentence: string, phone: string, ending: string): Html {
  return around(sentence, [phone, phoneSpan(phone, ending)]);
}

const MASKED = /•[• ]*•(\d\d)/;

/** Screen readers would say each dot of a masked number; they get words for all of it. */
export function phoneSpan(phone: string, ending: string): Html {
  const digits = MASKED.exec(phone)?.[1];
  if (digits === undefined) return html`<span class="phone" dir="ltr">${phone}</span>`;
  const words = html`<span class="unseen">${ending.replace('{digits}', digits)}</span>`;
  return html`<span class="phone" dir="ltr" aria-hidden="true">${phone}</span>${words}`;
}

/** A sentence with HTML in place of one of its facts, wherever its language puts it. */
export function around(sentence: string, ...facts: [fact: string, shown: Html][]): Html {
  const [first, ...others] = facts;
  if (first === undefined) return html`${sentence}`;
  const [fact, shown] = first;
  const at = fact === '' ? -1 : sentence.indexOf(fact);
  if (at < 0) return around(sentence, ...others);
  const after = sentence.slice(at + fact.length);
  return html`${around(sentence.slice(0, at), ...others)}${shown}${around(after, ...others)}`;
}

/** What the script does with a time that is over: it says, shows and hides. */
interface CountdownEnds {
  /** With `{time}`: said at five minutes, one, and thirty seconds. */
  say?: string;
  shows?: string;
  hides?: string;
}

/**
 * A sentence whose time the script counts down. Seconds that are left, not a time of day: no clock but
 * the server's decides.
 */
export function counting(
  { sentence, time, seconds, over }: CountdownModel,
  { say, shows, hides }: CountdownEnds = {},
  ...facts: [fact: string, shown: Html][]
): Html {
  const left = html`<span
    data-left="${seconds}"
    data-over="${over}"
    ${say !== undefined && html` data-say="${say}"`}
    ${shows !== undefined && html` data-shows="${shows}"`}
    ${hides !== undefined && html` data-hides="${hides}"`}
    >${time}</span
  >`;
  return around(sentence, [time, left], ...facts);
}
