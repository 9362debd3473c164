import { html, type Html } from './html';
import {
  buttonForm,
  fieldsOf,
  formModel,
  frameModel,
  homeLink,
  link,
  paragraphs,
  submitButton,
  type Frame,
} from './layout';
import type { FormModel, ProblemModel } from './form-models';
import type { ChallengeModel, RecoveryCodesModel, SavingModel } from './models';
import { problemBox } from './problem-box';

/** Recovery codes that wait until their user has kept them. */
export interface CodesToKeep {
  /** Names the set, where it was made in this session. */
  set: string | undefined;
  /** Left out where this session may not see them (again). */
  codes: readonly string[] | undefined;
  /** Whether older codes count until then. */
  older: boolean;
}

/** Shows new recovery codes, as often as it is asked for, until they are kept. */
export function recoveryCodesPage(frame: Frame, waiting: CodesToKeep): RecoveryCodesModel {
  return {
    ...frameModel(frame, frame.words.say('recoveryCodes.title'), null),
    ...savingModel(frame, waiting),
    page: 'recoveryCodes',
    link: homeLink(frame, 'frame.notNow'),
  };
}

/** The codes, and the button that says that they are kept. */
export function savingModel(frame: Frame, { set, codes = [], older }: CodesToKeep): SavingModel {
  const { say } = frame.words;
  return {
    codes: [...codes],
    tools: {
      head: say('recoveryCodes.head', { appName: frame.appName }),
      file: `${say('recoveryCodes.file')}.txt`,
      copy: say('recoveryCodes.copy'),
      copied: say('recoveryCodes.copied'),
      save: say('recoveryCodes.download'),
      saved: say('recoveryCodes.downloaded'),
      print: say('recoveryCodes.print'),
    },
    sentences: [say('recoveryCodes.save')],
    hints: older ? [say('recoveryCodes.older')] : [],
    download: {
      path: `${frame.mountPath}/recovery-codes.txt`,
      text: say('recoveryCodes.download'),
    },
    saved: savedForm(frame, set),
  };
}

/** Says that the codes of this set are kept. */
export function savedForm(frame: Frame, set: string | undefined): FormModel | null {
  if (set === undefined) return null;
  return formModel(frame, '/recovery-codes/kept', frame.words.say('recoveryCodes.saved'), { set });
}

export function recoveryCodesBody(model: RecoveryCodesModel): Html {
  return html`${savingBody(model)} ${link(model.link)}`;
}

/** The same as a text file, for whoever has no script to make one. */
export function recoveryCodesFile({ words, appName }: Frame, codes: readonly string[]): string {
  return [words.say('recoveryCodes.head', { appName }), '', ...codes, ''].join('\n');
}

/** Shown by the script, which does what they say; without it there is a file, and text to be selected. */
function toolBar(tools: SavingModel['tools']): Html {
  const { head, file, copy, copied, save, saved, print } = tools;
  return html`<p class="tools" data-tools data-head="${head}" data-file="${file}" hidden>
    <button type="button" class="quiet" data-tool="copy" data-done="${copied}">${copy}</button>
    <button type="button" class="quiet" data-tool="save" data-done="${saved}">${save}</button>
    <button type="button" class="quiet" data-tool="print">${print}</button>
  </p>`;
}

export function savingBody({ codes, sentences, hints, download, saved, tools }: SavingModel): Html {
  return html`${paragraphs(sentences)} ${paragraphs(hints, 'hint')}
    <ol class="codes" dir="ltr">
      ${codes.map((code) => html`<li><code>${code}</code></li>`)}
    </ol>
    ${codes.length > 0 && toolBar(tools)}
    <p class="file"><a href="${download.path}" download>${download.text}</a></p>
    ${saved && buttonForm(saved, { once: false })}`;
}

/** The way in for somebody without the phone: one of the codes that were written down. */
export function recoveryForm(
  recovery: NonNullable<ChallengeModel['recovery']>,
  problem: ProblemModel | null,
): Html {
  const isWrong = problem?.field === 'recoveryCode';
  return html`<details ${recovery.open && html` open`}>
    <summary>${recovery.summary}</summary>
    ${isWrong && problemBox(problem)}
    <form method="post" action="${recovery.action}" autocomplete="off" novalidate>
      ${fieldsOf(recovery)}<label for="recovery-code">${recovery.label}</label>
      <input
        id="recovery-code"
        name="recoveryCode"
        type="text"
        autocapitalize="characters"
        spellcheck="false"
        dir="ltr"
        ${isWrong && html` aria-describedby="problem" aria-invalid="true" autofocus`}
        required
      />
      ${submitButton(recovery)}
    </form>
  </details>`;
}
