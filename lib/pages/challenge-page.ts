import type { Words } from '../locales/locales';
import {
  codeForm,
  codeModel,
  expiredForm,
  expiredModel,
  newInModel,
  resendForm,
  resendModel,
  sendForm,
  sendModel,
  type PendingCode,
  type SendState,
} from './code-form';
import { html, type Html } from './html';
import {
  buttonForm,
  counting,
  formModel,
  frameModel,
  signOut,
  withPhone,
  type Frame,
} from './layout';
import type { ProblemModel } from './form-models';
import type { ChallengeModel } from './models';
import { problemBox, problemSummary } from './problem-box';
import { recoveryForm } from './recovery-codes-page';
import { transactionBox } from './resume-page';

interface ChallengeFacts {
  /** The masked number that texts go to. */
  phone: string;
  problem: ProblemModel | null;
  pending: PendingCode | undefined;
  /** Seconds left of a lock. */
  lockedFor: number | undefined;
  /** The hard stop was reached. */
  disabled: boolean;
  sms: SendState;
  /** The numbers that texts come from, as people read them; none where nobody knows. */
  ownNumbers: readonly string[];
  /** Whether an answer to a text is heard at once. */
  listens: boolean;
  /** The user's masked address, where codes may be mailed, too. */
  email: (SendState & { address: string }) | undefined;
  /** Whether recovery codes are left. */
  recovery: boolean;
  /** A code that the user has may be one of another session. */
  sentElsewhere: boolean;
  /** How many days a browser may be trusted; `undefined` where none may. */
  trustDays: number | undefined;
  /** The box for that was ticked with the code that was refused. */
  isTicked: boolean;
  /** What became of a form that the gate held up. */
  heldUp: 'kept' | 'lost' | undefined;
  /** The text is asked for by the page's script, unless something stands against it. */
  sendAtOnce: boolean;
  /** It is a step-up of a session that has passed before. */
  isStepUp: boolean;
  /** What the code confirms, as its text says it. */
  transaction: string | undefined;
}

type State = ChallengeModel['state'];

/** Asks for the code of a sign-in or a step-up. */
export function challengePage(frame: Frame, facts: ChallengeFacts): ChallengeModel {
  const { say } = frame.words;
  const { phone, pending, lockedFor, disabled, sms, trustDays, heldUp, isStepUp, transaction } =
    facts;
  const shut = shutWords(frame, facts);
  const state = shut !== undefined ? 'shut' : pending === undefined ? 'send' : 'code';
  const shown = state === 'code' ? pending : undefined;
  const never = shown && noResend(frame, facts, shown);
  const { isTicked } = facts;
  const sends = state === 'send' && sms.why !== 'used_up';
  return {
    ...frameModel(frame, say('challenge.title'), problemAt(frame, facts, state)),
    page: 'challenge',
    phone,
    state,
    transaction:
      transaction === undefined || state === 'shut'
        ? null
        : {
            label: say('challenge.transaction'),
            value: transaction,
            hint: say('challenge.transactionSame'),
          },
    sentences: shut !== undefined ? [shut] : state === 'send' ? sendWords(frame, facts) : [],
    locked:
      disabled || lockedFor === undefined ? null : lockedModel(frame, lockedFor, facts.recovery),
    disabled,
    send: sends ? sendModel(frame, say('code.textMe'), sms) : null,
    sendAtOnce: sends && facts.sendAtOnce,
    code: shown
      ? codeModel(frame, '/verify', shown, {
          button: say('code.confirm'),
          trustDays,
          isTicked,
          // What the page shows: its code confirms nothing else.
          fields: isStepUp ? { transaction: transaction ?? '' } : undefined,
        })
      : null,
    resend: shown && never?.length !== 0 ? resendModel(frame, shown, never) : null,
    expired: shown ? expiredModel(frame, shown, never === undefined) : null,
    text:
      shown?.channel === 'email' && (sms.why === 'open' || sms.why === 'wait')
        ? sendModel(frame, say('code.textInstead'), sms)
        : null,
    email: emailModel(frame, facts, state),
    recovery: recoveryModel(frame, facts, state),
    cancel: isStepUp ? formModel(frame, '/challenge/delete', say('challenge.cancel')) : null,
    heldUp:
      heldUp === undefined || state === 'shut'
        ? null
        : { state: heldUp, sentence: say(`challenge.${heldUp}`) },
  };
}

/** One thing is said once: what the page itself says of its state is not said by the last post, too. */
function problemAt(frame: Frame, facts: ChallengeFacts, state: State): ProblemModel | null {
  const { problem, sms } = facts;
  if (problem === null || problem.field === 'recoveryCode') return problem;
  if (state === 'shut') return null;
  if (problem.code !== 'phone_opted_out' || sms.why !== 'opted_out') return problem;
  return { ...problem, detail: optedOutWords(frame, facts).join(' ') };
}

/** What is true before a code is sent: that one will be, or why none can be and until when. */
function sendWords(frame: Frame, facts: ChallengeFacts): string[] {
  const { say, wait } = frame.words;
  const { phone, problem, sms, sentElsewhere } = facts;
  const told = problem !== null && problem.retryAfter !== null;
  switch (sms.why) {
    case 'open':
      return [say('challenge.willText', { phone })];
    case 'wait':
      return [
        // Why no code is taken here is told once; that none works is true of the page loaded again, too.
        ...(sentElsewhere && told ? [say('challenge.otherCode')] : []),
        ...(problem === null
          ? [say(sentElsewhere ? 'challenge.otherCode' : 'challenge.earlierCode')]
          : []),
        ...(told ? [] : [newInModel(frame.words, sms.wait).sentence]),
      ];
    case 'used_up':
      return told ? [] : [say('challenge.usedUp', { wait: wait(sms.wait) })];
    case 'opted_out':
      return problem?.code === 'phone_opted_out' ? [] : optedOutWords(frame, facts);
  }
}

/** What to do after STOP: which number takes it back, where that is known. */
function optedOutWords({ words }: Frame, { ownNumbers, listens }: ChallengeFacts): string[] {
  const numbers = ownNumbers.join(', ');
  return [
    ownNumbers.length === 0
      ? words.say('challenge.optedOut')
      : words.say('challenge.optedOutFrom', { numbers }),
    // Of an answer that nobody hears the carrier's refusal is remembered for as long.
    ...(listens ? [] : [words.say('challenge.optedOutHour')]),
  ];
}

/** Why the code on its way cannot be sent again; nothing where the last post says so. */
function noResend(
  frame: Frame,
  facts: ChallengeFacts,
  { channel }: PendingCode,
): string[] | undefined {
  const { say, wait } = frame.words;
  const way = channel === 'email' ? facts.email : facts.sms;
  if (way?.why === 'opted_out') {
    return facts.problem?.code === 'phone_opted_out' ? [] : optedOutWords(frame, facts);
  }
  if (way?.why !== 'used_up') return undefined;
  return [say('challenge.usedUp', { wait: wait(way.wait) })];
}

/** The other way, where it is one now. */
function emailModel(frame: Frame, facts: ChallengeFacts, state: State): ChallengeModel['email'] {
  const { say } = frame.words;
  const { email, pending } = facts;
  if (email === undefined || state === 'shut' || pending?.channel === 'email') return null;
  if (email.why === 'used_up') return null;
  const { address } = email;
  // Mostly it is the user's own wait, which is told already.
  const isTold = email.wait === 0 || email.wait === facts.sms.wait;
  const later = isTold ? [] : [newInModel(frame.words, email.wait).sentence];
  return {
    ...sendModel(frame, say('code.emailMe'), email, { channel: 'email' }),
    sentence: [say('challenge.mayEmail', { email: address }), ...later].join(' '),
    address,
  };
}

/** Open where it is what is left to do, or what was just tried [S203]. */
function recoveryModel(
  frame: Frame,
  { recovery, problem }: ChallengeFacts,
  state: State,
): ChallengeModel['recovery'] {
  const { say } = frame.words;
  if (!recovery) return null;
  return {
    ...formModel(frame, '/recovery', say('recovery.use')),
    summary: say('recovery.summary'),
    label: say('recovery.label'),
    open: state === 'shut' || problem?.field === 'recoveryCode',
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

/** Complete without JavaScript. */
export function challengeBody(model: ChallengeModel): Html {
  const { send, code, resend, expired, locked, heldUp, phone, problem, transaction } = model;
  const isElsewhere = problem?.field === 'recoveryCode' && model.recovery !== null;
  const said = model.sentences.map((each) =>
    each === send?.wait?.sentence
      ? html`<p id="send-wait">${counting(send.wait, { hides: '#send-wait' })}</p>`
      : html`<p>${withPhone(each, phone, model.ending)}</p>`,
  );
  return html`${isElsewhere ? problemSummary(problem, 'recovery-code') : problemBox(problem)}
  ${transaction && transactionBox(transaction)} ${heldUp && html`<p>${heldUp.sentence}</p>`}
  ${locked ? lockedLine(locked) : said}
  ${send && sendForm(send, { atOnce: model.sendAtOnce, instead: '#send-wait' })}
  ${code && codeForm(code, model.ending, problem)} ${resend && resendForm(resend)}
  ${expired && expiredForm(expired)} ${otherWays(model)}`;
}

function lockedLine(locked: NonNullable<ChallengeModel['locked']>): Html {
  const { over, again } = locked;
  return html`<p id="locked">${counting(locked, { shows: '#unlocked', hides: '#locked' })}</p>
    <p id="unlocked" hidden>${over} <a href="${again.path}">${again.text}</a></p>`;
}

/** For somebody who cannot get the code, or does not want to go on. */
function otherWays(model: ChallengeModel): Html {
  const { text, email, recovery, cancel, problem } = model;
  return html`${text && sendForm(text, { quiet: true })}
  ${
    email &&
    html`<p class="hint">${withPhone(email.sentence, email.address, model.ending)}</p>
      ${sendForm(email, { quiet: true })}`
  }
  ${recovery && recoveryForm(recovery, problem)} ${cancel && buttonForm(cancel, { quiet: true })}
  ${signOut(model)}`;
}
