import type { Problem } from '../core/outcomes';
import type { Words } from '../locales/locales';
import { html, type Html } from './html';
import { counting, frameModel, homeLink, link, type Frame } from './layout';
import type {
  CountdownModel,
  LinkModel,
  PhoneModel,
  ProblemField,
  ProblemModel,
} from './form-models';
import type { MessageModel } from './models';

/** From so many left on attempts are told, so that nobody is surprised by the last one. */
const FEW_ATTEMPTS = 3;

/** A problem document as a page says it. */
export function problemModel(
  problem: Problem | undefined,
  words: Words,
  field?: ProblemField,
): ProblemModel | null {
  if (problem === undefined) return null;
  const { code, title, detail, attemptsLeft, retryAfter } = problem;
  // Of the last one the problem's own words say that there is none after it.
  const isFew = attemptsLeft !== undefined && attemptsLeft > 0 && attemptsLeft <= FEW_ATTEMPTS;
  return {
    code,
    title,
    detail,
    attemptsLeft: attemptsLeft ?? null,
    retryAfter: retryAfter ?? null,
    field: field ?? null,
    notes: isFew ? [words.say('notice.attemptsLeft', { count: attemptsLeft })] : [],
    retry: retryAfter === undefined ? null : retryModel(retryAfter, words),
  };
}

function retryModel(seconds: number, { say, wait }: Words): CountdownModel {
  const time = wait(seconds);
  const sentence = say('notice.retryAfter', { wait: time });
  return { sentence, time, seconds, over: say('notice.retryNow') };
}

/** Of a number that is wrong its own form tells. */
export function elsewhere(
  problem: ProblemModel | null,
  phone: PhoneModel | null,
): ProblemModel | null {
  return phone?.isWrong === true ? null : problem;
}

/** First on a page on which an error stands further down, at its field (WCAG 3.3.1): leads there. */
export function problemSummary(problem: ProblemModel, fieldId: string): Html {
  return html`<p class="warning"><a href="#${fieldId}">${problem.title}</a></p>`;
}

/** An error in words, in a place that screen readers announce and that the field points to. */
export function problemBox(
  said: ProblemModel | null,
  { hasTitle = true, id = 'problem' } = {},
): Html {
  if (said === null) return html`<div id="${id}" role="status"></div>`;
  return html`<div id="${id}" class="warning" role="alert">
    ${hasTitle && html`<p><strong>${said.title}</strong></p>`}
    <p>${said.detail}</p>
    ${said.notes.map((note) => html`<p>${note}</p>`)}
    ${said.retry && html`<p id="retry">${counting(said.retry, { hides: '#retry' })}</p>`}
  </div>`;
}

/** Says what went wrong where no other page can. */
export function problemPage(frame: Frame, problem: Problem): MessageModel {
  const said = problemModel(problem, frame.words);
  return {
    ...frameModel(frame, problem.title, said),
    page: 'message',
    status: problem.status,
    sentence: null,
    link:
      frame.backPath === undefined
        ? homeLink(frame, 'frame.back')
        : { path: frame.backPath, text: frame.words.say('frame.back') },
  };
}

/** Says that nobody is signed in any more, to somebody who was. */
export function sessionEndedPage(frame: Frame, loginPath: string): MessageModel {
  const { say } = frame.words;
  return messagePage(frame, 401, {
    title: say('sessionEnded.title'),
    sentence: say('sessionEnded.sentence'),
    link: { path: loginPath, text: say('sessionEnded.signIn') },
  });
}

/** Says something that is no problem, with one way on. */
export function messagePage(
  frame: Frame,
  status: number,
  { title, sentence, link: way }: { title: string; sentence: string; link: LinkModel },
): MessageModel {
  return { ...frameModel(frame, title, null), page: 'message', status, sentence, link: way };
}

export function messageBody(model: MessageModel): Html {
  const { problem } = model;
  // Its heading has the title of the problem.
  const hasTitle = problem?.title !== model.title;
  return html`${problem && problemBox(problem, { hasTitle })}
  ${model.sentence !== null && html`<p>${model.sentence}</p>`} ${link(model.link)}`;
}
