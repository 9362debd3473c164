import type { Words } from '../locales/locales';
import type { Delivery } from '../ports/senders';
import { html, type Html } from './html';
import {
  around,
  buttonForm,
  counting,
  fieldsOf,
  formModel,
  link,
  phoneSpan,
  submitButton,
  type Frame,
} from './layout';
import type { CodeModel, CountdownModel, ProblemModel, ResendModel } from './form-models';
import type { ChallengeModel, SendModel } from './models';

/** What the code form and the form to send again have to know. */
export interface PendingCode {
  /** As it is shown. */
  phone: string;
  /** The number itself, where it is being added: to have the code texted to it once more. */
  adding?: string | undefined;
  codeLength: number;
  minutesLeft: number;
  /** Seconds until the code can no longer be used. */
  expiresIn: number;
  /** Whether it is that of a sign-in: a session that is verified then has no use for it. */
  signIn: boolean;
  /** Seconds until another text may be asked for; 0 when it may. */
  resendIn: number;
  /** The texts that may still be sent. */
  sendsLeft: number;
  /** Left out for texts. */
  channel?: 'email' | undefined;
  /** How far the text got. */
  delivery: Delivery;
}

export function codeModel(
  frame: Frame,
  action: string,
  pending: PendingCode,
  options: {
    button: string;
    trustDays?: number | undefined;
    isTicked?: boolean;
    fields?: Record<string, string> | undefined;
  },
): CodeModel {
  const { say } = frame.words;
  const { phone, codeLength, channel, delivery } = pending;
  const { button, trustDays, isTicked = false, fields } = options;
  const time = say('code.moreMinutes', { minutes: pending.minutesLeft });
  const facts = { digits: codeLength, time };
  const words: Partial<Record<Delivery, string>> = {
    delivered: say('code.delivered'),
    failed: say('code.undelivered'),
  };
  return {
    ...formModel(frame, action, button, fields),
    lasts: {
      sentence:
        channel === 'email'
          ? say('code.emailed', { ...facts, email: phone })
          : say('code.texted', { ...facts, phone }),
      time,
      seconds: pending.expiresIn,
      left: say('code.left', { time: '{time}' }),
      over: say('code.over'),
    },
    channel: channel ?? 'sms',
    sentTo: phone,
    label: say('code.label'),
    codeLength,
    only:
      frame.domain === undefined
        ? null
        : { domain: frame.domain, sentence: say('code.only', { domain: frame.domain }) },
    goesOn: say(trustDays === undefined ? 'code.goesOn' : 'code.goesOnBox'),
    delivery:
      channel === undefined
        ? {
            state: delivery,
            sentence: words[delivery] ?? null,
            path: `${frame.mountPath}/challenge`,
            delivered: words.delivered ?? '',
            failed: words.failed ?? '',
            home: pending.signIn ? frame.homePath : null,
          }
        : null,
    trust:
      trustDays === undefined
        ? null
        : {
            days: trustDays,
            label: say('code.trust', { days: trustDays }),
            warning: say('code.trustWarning'),
            checked: isTicked,
          },
  };
}

/** Sends it again the way that it went: `why` nothing more can be sent stands in its place. */
export function resendModel(
  frame: Frame,
  { sendsLeft, resendIn, channel, adding }: PendingCode,
  why?: string[],
): ResendModel {
  const { say, wait } = frame.words;
  const none = why ?? (sendsLeft <= 0 ? [say('code.noneLeft')] : undefined);
  if (none !== undefined) return { wait: null, sentences: none, form: null };
  const mailed = channel === 'email';
  const time = wait(resendIn);
  const sentence = say('code.resendIn', { wait: time });
  return {
    wait: resendIn > 0 ? { sentence, time, seconds: resendIn, over: say('code.mayResend') } : null,
    sentences: [say(mailed ? 'code.noEmail' : 'code.noText'), say('code.sameCode')],
    form:
      adding === undefined
        ? formModel(
            frame,
            '/challenge',
            say(mailed ? 'code.emailAgain' : 'code.resend'),
            mailed ? { channel } : {},
          )
        : formModel(frame, '/enrollment', say('code.resend'), { phone: adding }),
  };
}

/** What stands in place of a code that is over: it names an element that is hidden until then. */
export const EXPIRED = 'expired';

/**
 * One field for the code, as wide as one: autofill, paste and screen readers all want it in one piece (WCAG 2.2
 * 3.3.8; GOV.UK security codes). No `maxlength`: a pasted `123 456` must fit. `box` tells what is wrong,
 * where nothing on top of the page does.
 */
export function codeForm(
  code: CodeModel,
  ending: string,
  problem: ProblemModel | null = null,
  box: Html | null = null,
): Html {
  const { lasts, sentTo, delivery, only, goesOn, trust, codeLength } = code;
  // Its words stand elsewhere, and so does the field that is to be put right.
  const elsewhere = problem !== null && problem.field !== null && problem.field !== 'code';
  const isWrong = problem?.field === 'code';
  const described = [...(elsewhere ? [] : ['problem']), ...(delivery ? ['delivery'] : [])];
  const ends = {
    say: lasts.left,
    shows: `#${EXPIRED}`,
    hides: '.lasts, #problem.warning',
  };
  return html`<p class="lasts">${counting(lasts, ends, [sentTo, phoneSpan(sentTo, ending)])}</p>
    <form class="lasts" method="post" action="${code.action}" autocomplete="off" novalidate>
      ${fieldsOf(code)}<label for="code">${code.label}</label>
      ${box}
      <p class="hint" id="goes-on" hidden>${goesOn}</p>
      <input
        id="code"
        name="code"
        type="text"
        inputmode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9 \\-]*"
        dir="ltr"
        size="${Math.ceil(codeLength * 1.5)}"
        data-digits="${codeLength}"
        ${code.channel === 'sms' && html` data-web-otp`}
        ${described.length > 0 && html` aria-describedby="${described.join(' ')}"`}
        ${isWrong && html` aria-invalid="true"`}
        required
        ${!elsewhere && html` autofocus`}
      />
      ${deliveryLine(delivery)}
      ${
        only &&
        html`<p class="hint">
          ${around(only.sentence, [only.domain, html`<strong dir="ltr">${only.domain}</strong>`])}
        </p>`
      }
      ${
        trust &&
        html`<label class="tick"
            ><input
              type="checkbox"
              name="trustDevice"
              value="on"
              aria-describedby="trust-warning"
              ${trust.checked && html` checked`}
            />
            ${trust.label}</label
          >
          <p class="hint" id="trust-warning">${trust.warning}</p>`
      }
      ${submitButton(code)}
    </form>`;
}

/** What the carrier says of the text, at the field, where its user looks for a way on. */
function deliveryLine(delivery: CodeModel['delivery']): Html | null {
  return (
    delivery &&
    html`<p
      id="delivery"
      class="${delivery.state === 'failed' ? 'warning' : 'hint'}"
      role="status"
      ${delivery.home !== null && html` data-home="${delivery.home}"`}
      data-delivery="${delivery.path}"
      data-delivered="${delivery.delivered}"
      data-failed="${delivery.failed}"
    >
      ${delivery.sentence}
    </p>`
  );
}

/** The form that sends a code again, with how long that must wait. */
export function resendForm({ wait, sentences, form }: ResendModel): Html {
  const [first, ...others] = sentences;
  const waiting =
    wait && html`<span id="resend-wait">${counting(wait, { hides: '#resend-wait' })} </span>`;
  return html`<div class="lasts">
    <p class="hint">${first} ${waiting}${others.join(' ')}</p>
    ${
      form &&
      buttonForm(form, {
        quiet: true,
        waits: wait ? { ...wait, instead: '#resend-wait' } : undefined,
      })
    }
  </div>`;
}

/** What stands against a code that would be sent one way, and how long. */
export interface SendState {
  why: 'open' | 'wait' | 'used_up' | 'opted_out';
  /** Seconds. */
  wait: number;
}

export function sendModel(
  frame: Frame,
  button: string,
  { wait }: SendState,
  fields?: Record<string, string>,
): SendModel {
  return {
    ...formModel(frame, '/challenge', button, fields),
    wait: wait > 0 ? newInModel(frame.words, wait) : null,
  };
}

/** When the next one can be sent. */
export function newInModel({ say, wait }: Words, seconds: number): CountdownModel {
  const time = wait(seconds);
  const sentence = say('challenge.newIn', { wait: time });
  return { sentence, time, seconds, over: say('code.mayResend') };
}

/** Its button waits; where another one says when that is over, it does so without a word. */
export function sendForm(
  send: SendModel,
  options: { atOnce?: boolean; quiet?: boolean; instead?: string },
): Html {
  const { instead, ...others } = options;
  const over = instead === undefined ? '' : send.wait?.over;
  const waits = send.wait && { ...send.wait, over: over ?? '', instead: instead ?? '' };
  return buttonForm(send, { ...others, waits: waits ?? undefined });
}

/** A new one at one click; where none can be sent, the page that says until when. */
export function expiredModel(
  frame: Frame,
  { channel }: PendingCode,
  canSend: boolean,
): ChallengeModel['expired'] {
  const { say } = frame.words;
  const isMail = channel === 'email';
  const fields = isMail ? { channel } : {};
  const button = say(isMail ? 'code.emailNew' : 'code.textNew');
  return {
    sentence: say('code.over'),
    form: canSend ? formModel(frame, '/challenge', button, fields) : null,
    link: canSend ? null : { path: `${frame.mountPath}/`, text: say('frame.continue') },
  };
}

/** Stands in the place of the code's form when the code is over. */
export function expiredForm(expired: NonNullable<ChallengeModel['expired']>): Html {
  return html`<div id="${EXPIRED}" hidden>
    <p class="warning"><strong>${expired.sentence}</strong></p>
    ${expired.form && buttonForm(expired.form)} ${expired.link && link(expired.link)}
  </div>`;
}
