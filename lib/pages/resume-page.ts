import { html, type Html } from './html';
import { around, csrfField, fieldsOf, frameModel, homeLink, link, type Frame } from './layout';
import type { MessageModel, ResumeModel } from './models';

interface ResumeFacts {
  /** Where the form that was held up goes, and where the page posts it. */
  path: string;
  action: string;
  fields: readonly (readonly [name: string, value: string])[];
  /** What it would do, in the app's words. */
  words: { title: string; lines: readonly (readonly [label: string, value: string])[] } | undefined;
}

/** Offers to send a form again that the gate held up. Nothing is sent unless the user says so. */
export function resumePage(frame: Frame, facts: ResumeFacts): ResumeModel {
  const { say } = frame.words;
  const { path, action, words } = facts;
  const token = csrfField(frame);
  // The token that came with the form belongs to the session before; this page has a new one.
  const fields = facts.fields
    .filter(([name]) => token === null || name !== '_csrf')
    .map(([name, value]) => ({ name, value }));
  const lines = words?.lines ?? asTheyCame(facts);
  return {
    ...frameModel(frame, words?.title ?? say('resume.title'), null),
    page: 'resume',
    path,
    sentence: words === undefined ? say('resume.sentTo', { path }) : say('resume.described'),
    lines: lines.map(([label, value]) => ({ label, value })),
    form: {
      action,
      button: say('resume.yes'),
      sending: null,
      fields: token === null ? fields : [token, ...fields],
    },
    cancel: homeLink(frame, 'resume.no'),
  };
}

export function resumeBody({ path, sentence, lines, form, cancel }: ResumeModel): Html {
  const list = lines.map(
    ({ label, value }) =>
      html`<dt>${label}</dt>
        <dd>${value}</dd>`,
  );
  return html`<p>${around(sentence, [path, html`<strong dir="ltr">${path}</strong>`])}</p>
    <dl>${list}</dl>
    <form method="post" action="${form.action}" data-once="kept">
      ${fieldsOf(form)}<button type="submit">${form.button}</button>
    </form>
    ${link(cancel)}`;
}

/** The fields of the query and of the body. */
function asTheyCame({ path, fields }: ResumeFacts): [name: string, value: string][] {
  const query = new URLSearchParams(path.split('?').slice(1).join('?'));
  return [...query, ...fields]
    .filter(([name, value]) => name !== '_csrf' && value !== '')
    .map(([name, value]) => [name, value]);
}

/** Says that the form was sent, to somebody who comes back to it or sends it once more. */
export function sentPage(
  frame: Frame,
  { done, status }: { done: boolean; status: number },
): MessageModel {
  const { say } = frame.words;
  return {
    ...frameModel(frame, say(done ? 'resume.doneTitle' : 'resume.sentTitle'), null),
    page: 'message',
    status,
    sentence: say(done ? 'resume.done' : 'resume.sent'),
    link: homeLink(frame, 'frame.continue'),
  };
}
