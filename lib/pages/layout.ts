import { hash } from 'node:crypto';
import type { Words } from '../locales/locales';
import { html, type Html } from './html';
import type { FormModel, LinkModel, PageFrame, ProblemModel } from './models';
import { SCRIPT } from './script';
import { STYLE } from './style';

/** What a page of one request is made of, beside its own facts. */
export interface Frame {
  words: Words;
  appName: string;
  mountPath: string;
  homePath: string;
  /** Takes a POST that signs the user out; offered where it is known. */
  logoutPath?: string | undefined;
  /** The token of the app's own CSRF middleware, where it has one. */
  csrfToken?: string | undefined;
  /** What the last request has done. */
  notice?: string | undefined;
  /** Where somebody is asked for help. */
  support?: string | undefined;
}

/** The two files of the pages: a name has one content for ever, so browsers may keep it. */
export const ASSETS = [
  asset('/style.css', 'text/css', STYLE),
  asset('/script.js', 'text/javascript', SCRIPT),
] as const;

function asset(path: string, type: string, content: string) {
  const version = hash('sha256', content, 'hex').slice(0, 12);
  return { path, type: `${type}; charset=utf-8`, content, version } as const;
}

export function frameModel(frame: Frame, title: string, problem: ProblemModel | null): PageFrame {
  const { words, appName, mountPath, homePath, logoutPath, support, notice } = frame;
  const [style, script] = ASSETS.map(({ path, version }) => `${mountPath}${path}?v=${version}`);
  return {
    lang: words.lang,
    dir: words.dir,
    appName,
    title,
    mountPath,
    homePath,
    assets: { style: style ?? '', script: script ?? '' },
    csrf: csrfField(frame),
    problem,
    notice: notice ?? null,
    support: support === undefined ? null : { path: support, text: words.say('frame.support') },
    signOut:
      logoutPath === undefined
        ? null
        : { action: logoutPath, button: words.say('frame.signOut'), fields: hidden(frame) },
  };
}

/** A form of the library's own. */
export function formModel(
  frame: Frame,
  path: string,
  button: string,
  fields: Readonly<Record<string, string>> = {},
): FormModel {
  return { action: frame.mountPath + path, button, fields: hidden(frame, fields) };
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
          <p class="app">${model.appName}</p>
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
  options: { atOnce?: boolean; quiet?: boolean; once?: boolean } = {},
): Html {
  const { atOnce = false, quiet = false, once = true } = options;
  return html`<form
    method="post"
    action="${form.action}"
    ${once && html` data-once`}
    ${atOnce && html` data-submit-at-once`}
  >
    ${fieldsOf(form)}<button type="submit" ${quiet && html` class="quiet"`}>${form.button}</button>
  </form>`;
}

/** A way out for somebody who cannot go on, without the phone at hand. */
export function signOut({ signOut: form }: PageFrame): Html | null {
  return form && buttonForm(form, { quiet: true, once: false });
}

/** What has gone well, where screen readers announce it. */
export function noticeLine({ notice }: PageFrame): Html | null {
  return notice === null ? null : html`<p class="notice" role="status">${notice}</p>`;
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
export function withPhone(sentence: string, phone: string): Html {
  return around(sentence, phone, html`<span class="phone" dir="ltr">${phone}</span>`);
}

/** A sentence with HTML in place of one of its facts, wherever its language puts it. */
export function around(sentence: string, fact: string, shown: Html): Html {
  const at = fact === '' ? -1 : sentence.indexOf(fact);
  if (at < 0) return html`${sentence}`;
  return html`${sentence.slice(0, at)}${shown}${sentence.slice(at + fact.length)}`;
}
