import type { Words } from '../locales/locales';
import {
  codeForm,
  codeModel,
  EXPIRED,
  resendForm,
  resendModel,
  type PendingCode,
} from './code-form';
import { html, type Html } from './html';
import {
  buttonForm,
  counting,
  fieldsOf,
  formModel,
  frameModel,
  signOut,
  submitButton,
  withPhone,
  type Frame,
} from './layout';
import type { ChallengeModel, ProblemModel } from './models';
import { problemBox } from './problem-box';

interface ChallengeFacts {
  /** The masked number that texts go to. */
  phone: string;
  problem: ProblemModel | null;
  pending: PendingCode | undefined;
  /** Seconds left of a lock. */
  lockedFor: number | undefined;
  /** The hard stop was reached. */
  disabled: boolean;
  /** The user's masked address, where codes may be mailed, too. */
  email: string | undefined;
  /** Whether recovery codes are left. */
  recovery: boolean;
  /** How many days a browser may be trusted; `undefined` where none may. */
  trustDays: number | undefined;
  /** What became of a form that the gate held up. */
  heldUp: 'kept' | 'lost' | undefined;
  /** The text is asked for by the page's script, unless something stands against it. */
  sendAtOnce: boolean;
}

/** Asks for the code of a sign-in or a step-up. */
export function challengePage(frame: Frame, facts: ChallengeFacts): ChallengeModel {
  const { say } = frame.words;
  const { phone, pending, lockedFor, disabled, email, recovery, trustDays, heldUp } = facts;
  const shut = shutWords(frame, facts);
  const state = shut !== undefined ? 'shut' : pending === undefined ? 'send' : 'code';
  const shown = state === 'code' ? pending : undefined;
  return {
    ...frameModel(frame, say('challenge.title'), facts.problem),
    page: 'challenge',
    phone,
    state,
    sentences:
      shut !== undefined ? [shut] : state === 'send' ? [say('challenge.willText', { phone })] : [],
    locked: disabled || lockedFor === undefined ? null : lockedModel(frame, lockedFor, recovery),
    disabled,
    send: state === 'send' ? formModel(frame, '/challenge', say('code.textMe')) : null,
    sendAtOnce: state === 'send' && facts.sendAtOnce,
    code: shown
      ? codeModel(frame, '/verify', shown, { button: say('code.confirm'), trustDays })
      : null,
    resend: shown ? resendModel(frame, shown) : null,
    expired: shown ? expiredModel(frame, shown) : null,
    email:
      email === undefined || state === 'shut'
        ? null
        : {
            ...formModel(frame, '/challenge', say('code.emailMe'), { channel: 'email' }),
            sentence: say('challenge.mayEmail', { email }),
            address: email,
          },
    recovery: recovery
      ? {
          ...formModel(frame, '/recovery', say('recovery.use')),
          summary: say('recovery.summary'),
          label: say('recovery.label'),
        }
      : null,
    heldUp:
      heldUp === undefined || state === 'shut'
        ? null
        : { state: heldUp, sentence: say(`challenge.${heldUp}`) },
  };
}

/** Why no code is taken now, and what to do. */
function shutWords(
  { words }: Frame,
  { disabled, lockedFor, recovery }: ChallengeFacts,
): string | undefined {
  if (disabled) {
    return words.say(recovery ? 'challenge.disabledButRecovery' : 'challenge.disabled');
  }
  return lockedFor === undefined ? undefined : lockedWords(words, lockedFor, recovery);
}

function lockedWords({ say, wait }: Words, seconds: number, recovery: boolean): string {
  const said = recovery ? 'challenge.lockedButRecovery' : 'challenge.locked';
  return say(said, { wait: wait(seconds) });
}

function lockedModel(
  { words, mountPath }: Frame,
  seconds: number,
  recovery: boolean,
): ChallengeModel['locked'] {
  return {
    sentence: lockedWords(words, seconds, recovery),
    time: words.wait(seconds),
    seconds,
    over: words.say('challenge.unlocked'),
    again: { path: `${mountPath}/`, text: words.say('frame.continue') },
  };
}

function expiredModel(frame: Frame, { channel }: PendingCode): ChallengeModel['expired'] {
  const { say } = frame.words;
  const isMail = channel === 'email';
  const fields = isMail ? { channel } : {};
  return {
    ...formModel(frame, '/challenge', say(isMail ? 'code.emailNew' : 'code.textNew'), fields),
    sentence: say('code.over'),
  };
}

/** Complete without JavaScript. */
export function challengeBody(model: ChallengeModel): Html {
  const { send, code, resend, expired, locked, heldUp, phone } = model;
  return html`${problemBox(model.problem)} ${heldUp && html`<p>${heldUp.sentence}</p>`}
  ${locked ? lockedLine(locked) : model.sentences.map((each) => html`<p>${withPhone(each, phone)}</p>`)}
  ${send && buttonForm(send, { atOnce: model.sendAtOnce })} ${code && codeForm(code)}
  ${resend && resendForm(resend)} ${expired && expiredForm(expired)} ${otherWays(model)}`;
}

function lockedLine(locked: NonNullable<ChallengeModel['locked']>): Html {
  const { over, again } = locked;
  return html`<p id="locked">${counting(locked, { shows: '#unlocked', hides: '#locked' })}</p>
    <p id="unlocked" hidden>${over} <a href="${again.path}">${again.text}</a></p>`;
}

/** Stands in the place of the code's form when the code is over. */
function expiredForm(expired: NonNullable<ChallengeModel['expired']>): Html {
  return html`<div id="${EXPIRED}" hidden>
    <p class="warning"><strong>${expired.sentence}</strong></p>
    ${buttonForm(expired)}
  </div>`;
}

/** For somebody who cannot get the text. */
function otherWays(model: ChallengeModel): Html {
  const { email, recovery } = model;
  return html`${
    email &&
    html`<p class="hint">${withPhone(email.sentence, email.address)}</p>
      ${buttonForm(email, { quiet: true })}`
  }
  ${recovery && recoveryForm(recovery)} ${signOut(model)}`;
}

/** The way in for somebody without the phone: one of the codes that were written down. */
function recoveryForm(recovery: NonNullable<ChallengeModel['recovery']>): Html {
  return html`<details>
    <summary>${recovery.summary}</summary>
    <form method="post" action="${recovery.action}" autocomplete="off" novalidate>
      ${fieldsOf(recovery)}<label for="recovery-code">${recovery.label}</label>
      <input
        id="recovery-code"
        name="recoveryCode"
        type="text"
        autocapitalize="characters"
        spellcheck="false"
        dir="ltr"
        aria-describedby="problem"
        required
      />
      ${submitButton(recovery)}
    </form>
  </details>`;
}
