import { html, type Html } from './html';
import { csrfField, fieldsOf, frameModel, homeLink, link, type Frame } from './layout';
import type { ChallengeModel, MessageModel, ResumeModel } from './models';
import { messagePage } from './problem-box';

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
  // Without the app's words nothing else says what it would do: it is shown in full, as it will be sent.
  const lines = words?.lines ?? [...inWords(facts), [say('resume.address'), path] as const];
  return {
    ...frameModel(frame, words?.title ?? say('resume.title'), null),
    page: 'resume',
    path,
    sentence: say('resume.described'),
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

export function resumeBody({ sentence, lines, form, cancel }: ResumeModel): Html {
  const list = lines.map(
    ({ label, value }) =>
      html`<dt>${label}</dt>
        <dd>${value}</dd>`,
  );
  return html`<p>${sentence}</p>
    <dl>${list}</dl>
    <form method="post" action="${form.action}" data-once="kept">
      ${fieldsOf(form)}<button type="submit">${form.button}</button>
    </form>
    ${link(cancel)}`;
}

/** All fields of the query and of the body, each under its name in words. */
function inWords({ path, fields }: ResumeFacts): [name: string, value: string][] {
  const query = new URLSearchParams(path.split('?').slice(1).join('?'));
  return [...query, ...fields]
    .filter(([name, value]) => name !== '_csrf' && value !== '')
    .map(([name, value]) => [labelOf(name), value]);
}

/** `lines[0][unitPrice]` reads "Lines 0 unit price": nobody but the app's authors knows names of fields. */
function labelOf(name: string): string {
  const words = name
    .replace(/(\p{Ll}|\d)(?=\p{Lu})/gu, '$1 ')
    .replace(/[[\]_.\s-]+/g, ' ')
    .trim()
    .toLowerCase();
  // Of marks alone nothing is left to be read.
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1);
}

/** Says that the form was sent, to somebody who comes back to it or sends it once more. */
export function sentPage(
  frame: Frame,
  { done, status }: { done: boolean; status: number },
): MessageModel {
  const { say } = frame.words;
  return messagePage(frame, status, {
    title: say(done ? 'resume.doneTitle' : 'resume.sentTitle'),
    sentence: say(done ? 'resume.done' : 'resume.sent'),
    link: homeLink(frame, 'frame.continue'),
  });
}

/** Says that nothing waits to be sent: it waited for too long, or was told of already. */
export function nothingToResume(frame: Frame, isLost: boolean): MessageModel {
  const { say } = frame.words;
  return messagePage(frame, 404, {
    title: say(isLost ? 'resume.lostTitle' : 'resume.noneTitle'),
    sentence: say(isLost ? 'detail.formLost' : 'detail.formNone'),
    link: homeLink(frame, 'frame.continue'),
  });
}

/**
 * What is seen here is what is signed: the same words stand in the text with the code [S160]. They are of
 * the app's language, so they run in their own direction on a page that runs in another.
 */
export function transactionBox({
  label,
  value,
  hint,
}: NonNullable<ChallengeModel['transaction']>): Html {
  return html`<dl class="stacked">
      <dt>${label}</dt>
      <dd dir="auto">${value}</dd>
    </dl>
    <p class="hint">${hint}</p>`;
}
