import { FEW_RECOVERY_CODES } from '../core/enroll/recovery-codes';
import {
  codeForm,
  codeModel,
  EXPIRED,
  resendForm,
  resendModel,
  type PendingCode,
} from './code-form';
import {
  folded,
  phoneModel,
  troubleWords,
  type PhoneFacts,
  type StandingFacts,
} from './enrollment-page';
import { html, type Html } from './html';
import {
  buttonForm,
  formModel,
  frameModel,
  homeLink,
  link,
  manageLink,
  paragraphs,
  signOut,
  withPhone,
  type Frame,
} from './layout';
import type { ProblemModel } from './form-models';
import type { ConfirmModel, ManageModel } from './models';
import { problemBox, problemSummary } from './problem-box';
import { savedForm, savingBody, savingModel, type CodesToKeep } from './recovery-codes-page';

interface DeviceLine {
  id: string;
  name: string;
  /** ISO 8601. */
  trustedAt: string;
  lastUsedAt: string;
  current: boolean;
}

interface ManageFacts extends PhoneFacts, StandingFacts {
  phone: string;
  problem: ProblemModel | null;
  /** A new number that waits for its code. */
  replacing: PendingCode | undefined;
  recoveryCodesLeft: number;
  /** Recovery codes that nobody has said to be kept. */
  codesToKeep: CodesToKeep | undefined;
  /** The trusted browsers; `undefined` where the app offers no trust. */
  devices: readonly DeviceLine[] | undefined;
}

/** Shows the enrolled phone to a verified user, who may replace or remove it. */
export function managePage(frame: Frame, facts: ManageFacts): ManageModel {
  const { say } = frame.words;
  const { phone, codesToKeep, devices, lockedFor } = facts;
  // None is taken while codes are locked.
  const replacing = lockedFor === undefined ? facts.replacing : undefined;
  return {
    ...frameModel(frame, say('manage.title'), facts.problem),
    page: 'manage',
    trouble: troubleWords(frame, facts, 'manage.disabled'),
    phone: {
      masked: phone,
      sentence: say('manage.phone', { phone }),
      heading: say('manage.yourPhone'),
    },
    replace: {
      summary: say(replacing === undefined ? 'manage.change' : 'enrollment.otherNumber'),
      form: phoneModel(
        frame,
        facts,
        say(replacing === undefined ? 'manage.textNew' : 'phone.textCode'),
        replacing,
      ),
      code:
        replacing === undefined
          ? null
          : {
              ...codeModel(frame, '/enrollment/verify', replacing, {
                button: say('manage.useNew'),
              }),
              heading: say('manage.confirmNew'),
              hint: say('manage.untilThen'),
              resend: resendModel(frame, replacing),
            },
    },
    recovery: recoveryModel(frame, facts.recoveryCodesLeft),
    waiting: codesToKeep === undefined ? null : waitingModel(frame, codesToKeep),
    browsers: devices === undefined ? null : browsersModel(frame, devices),
    off: {
      summary: say('manage.off'),
      sentence: say(frame.byPassword ? 'manage.offMeans' : 'manage.offMeansNoCode'),
      form: formModel(frame, '/enrollment/delete', say('manage.turnOff')),
    },
    back: homeLink(frame, 'frame.back'),
  };
}

function recoveryModel(frame: Frame, left: number): ManageModel['recovery'] {
  const { say } = frame.words;
  return {
    left,
    sentence: say('manage.recoveryLeft', { count: left }),
    warning: left <= FEW_RECOVERY_CODES ? say('manage.recoverySoon') : null,
    summary: say('manage.recovery'),
    why: say('manage.recoveryWhy'),
    renew: formModel(frame, '/recovery-codes', say('manage.recoveryNew')),
  };
}

function waitingModel(frame: Frame, waiting: CodesToKeep): ManageModel['waiting'] {
  const { say } = frame.words;
  const { codes, set, older } = waiting;
  if (codes !== undefined) {
    const heading = say('manage.newCodes');
    return { heading, codes: savingModel(frame, waiting), sentences: [], saved: null };
  }
  return {
    heading: say('manage.savedThem'),
    codes: null,
    sentences: [...(older ? [say('manage.olderCount')] : []), say('manage.getNew')],
    saved: savedForm(frame, set),
  };
}

function browsersModel(frame: Frame, devices: readonly DeviceLine[]): ManageModel['browsers'] {
  const { say, day } = frame.words;
  return {
    summary: say('manage.browsers'),
    none: say('manage.noBrowsers'),
    list: devices.map(({ id, name, trustedAt, lastUsedAt, current }) => ({
      id,
      name: current ? say('manage.thisBrowser', { name }) : name,
      current,
      trustedAt,
      lastUsedAt,
      dates: say('manage.browserDates', { since: day(trustedAt), used: day(lastUsedAt) }),
      revoke: formModel(frame, `/devices/${id}/delete`, say('manage.revoke')),
    })),
    revokeAll:
      devices.length > 1 ? formModel(frame, '/devices/delete', say('manage.revokeAll')) : null,
  };
}

export function manageBody(model: ManageModel): Html {
  const { phone, replace, off, browsers, problem, trouble } = model;
  const { code, form } = replace;
  const ofCode = code !== null && problem?.field === 'code' ? problem : null;
  const ofPhone = form.isWrong ? problem : null;
  return html`${(ofCode ?? ofPhone) ? null : problemBox(problem)}
    ${ofCode && problemSummary(ofCode, 'code')} ${ofPhone && problemSummary(ofPhone, 'phone')}
    ${waitingCodes(model)}
    <p>${withPhone(phone.sentence, phone.masked, model.ending)}</p>
    ${trouble !== null && html`<p class="warning">${trouble}</p>`}
    ${
      code &&
      html`<h2>${code.heading}</h2>
        ${codeForm(code, model.ending, problem, ofCode && problemBox(ofCode))}
        ${resendForm(code.resend)}
        <p class="hint">${code.hint}</p>`
    }
    ${folded(replace.summary, form, problem, code ? EXPIRED : undefined)}
    ${recoveryCodes(model.recovery)} ${browsers && browsersList(browsers)}
    <details>
      <summary>${off.summary}</summary>
      <p>${off.sentence}</p>
      ${buttonForm(off.form, { quiet: true })}
    </details>
    ${link(model.back)} ${signOut(model)}`;
}

/** What is asked before it is done, and what it does. */
interface ConfirmFacts {
  path: string;
  title: string;
  sentences: string[];
  button: string;
}

export function confirmPage(frame: Frame, facts: ConfirmFacts): ConfirmModel {
  const { path, title, sentences, button } = facts;
  return {
    ...frameModel(frame, title, null),
    page: 'confirm',
    sentences,
    form: formModel(frame, path, button, { confirm: 'yes' }),
    cancel: manageLink(frame, 'frame.cancel'),
  };
}

export function confirmBody(model: ConfirmModel): Html {
  return html`${paragraphs(model.sentences)} ${buttonForm(model.form)} ${link(model.cancel)}`;
}

function recoveryCodes(recovery: ManageModel['recovery']): Html {
  const { sentence, warning, summary, why, renew } = recovery;
  return html`${
      warning !== null && html`<p class="warning"><strong>${sentence}</strong> ${warning}</p>`
    }
    <details>
      <summary>${summary}</summary>
      <p>${sentence} ${why}</p>
      ${buttonForm(renew, { quiet: true })}
    </details>`;
}

/** First of all on the page, in each session, until they are kept or others are made. */
function waitingCodes({ waiting, phone }: ManageModel): Html | null {
  if (waiting === null) return null;
  if (waiting.codes !== null) {
    return html`<h2>${waiting.heading}</h2>
      ${savingBody(waiting.codes)}
      <h2>${phone.heading}</h2>`;
  }
  return html`<div class="warning">
    <p><strong>${waiting.heading}</strong> ${waiting.sentences.join(' ')}</p>
    ${waiting.saved && buttonForm(waiting.saved, { once: false })}
  </div>`;
}

/** The browsers that pass without a code, each with a way to end that. */
function browsersList({
  summary,
  none,
  list,
  revokeAll,
}: NonNullable<ManageModel['browsers']>): Html {
  const lines = list.map(
    ({ name, dates, revoke }) =>
      html`<li>
        ${name}<br />
        <span class="hint">${dates}</span>
        ${buttonForm(revoke, { quiet: true })}
      </li>`,
  );
  return html`<details>
    <summary>${summary}</summary>
    ${
      list.length === 0
        ? html`<p class="hint">${none}</p>`
        : html`<ul class="devices">
            ${lines}
          </ul>`
    }
    ${revokeAll && buttonForm(revokeAll, { quiet: true })}
  </details>`;
}
