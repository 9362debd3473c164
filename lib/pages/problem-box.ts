import type { Problem } from '../core/outcomes';
import type { Words } from '../locales/locales';
import { html, type Html } from './html';
import { counting, frameModel, homeLink, link, type Frame } from './layout';
import type { CountdownModel, MessageModel, ProblemModel } from './models';

/** From so many left on attempts are told, so that nobody is surprised by the last one. */
const FEW_ATTEMPTS = 3;

/** A problem document as a page says it. */
export function problemModel(problem: Problem | undefined, words: Words): ProblemModel | null {
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
    notes: isFew ? [words.say('notice.attemptsLeft', { count: attemptsLeft })] : [],
    retry: retryAfter === undefined ? null : retryModel(retryAfter, words),
  };
}

function retryModel(seconds: number, { say, wait }: Words): CountdownModel {
  const time = wait(seconds);
  const sentence = say('notice.retryAfter', { wait: time });
  return { sentence, time, seconds, over: say('notice.retryNow') };
}

/** An error in words, in a place that screen readers announce and that the field points to. */
export function problemBox(said: ProblemModel | null, hasTitle = true): Html {
  if (said === null) return html`<div id="problem" role="status"></div>`;
  return html`<div id="problem" class="warning" role="alert">
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
    link: homeLink(frame, 'frame.back'),
  };
}

export function messageBody(model: MessageModel): Html {
  const { problem } = model;
  // Its heading has the title of the problem.
  const hasTitle = problem?.title !== model.title;
  return html`${problem && problemBox(problem, hasTitle)}
  ${model.sentence !== null && html`<p>${model.sentence}</p>`} ${link(model.link)}`;
}
