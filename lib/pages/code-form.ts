import type { Delivery } from '../ports/senders';
import { html, type Html } from './html';
import { fieldsOf, formModel, withPhone, type Frame } from './layout';
import type { CodeModel, ProblemModel, ResendModel } from './models';

/** What the code form and the form to send again have to know. */
export interface PendingCode {
  phone: string;
  codeLength: number;
  minutesLeft: number;
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
  options: { button: string; trustDays?: number | undefined; isTicked?: boolean },
): CodeModel {
  const { say } = frame.words;
  const { phone, codeLength, minutesLeft, channel, delivery } = pending;
  const { button, trustDays, isTicked = false } = options;
  const facts = { digits: codeLength, minutes: minutesLeft };
  const words: Partial<Record<Delivery, string>> = {
    delivered: say('code.delivered'),
    failed: say('code.undelivered'),
  };
  return {
    ...formModel(frame, action, button),
    sentence:
      channel === 'email'
        ? say('code.emailed', { ...facts, email: phone })
        : say('code.texted', { ...facts, phone }),
    channel: channel ?? 'sms',
    sentTo: phone,
    label: say('code.label'),
    codeLength,
    minutesLeft,
    delivery:
      channel === undefined
        ? {
            state: delivery,
            sentence: words[delivery] ?? null,
            path: `${frame.mountPath}/challenge`,
            delivered: words.delivered ?? '',
            failed: words.failed ?? '',
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
  { sendsLeft, resendIn, channel }: PendingCode,
  why?: string[],
): ResendModel {
  const { say, wait } = frame.words;
  const none = why ?? (sendsLeft <= 0 ? [say('code.noneLeft')] : undefined);
  if (none !== undefined) return { wait: resendIn, sentences: none, form: null };
  const later = resendIn > 0 ? [say('code.resendIn', { wait: wait(resendIn) })] : [];
  const mailed = channel === 'email';
  return {
    wait: resendIn,
    sentences: [say(mailed ? 'code.noEmail' : 'code.noText'), ...later, say('code.sameCode')],
    form: formModel(
      frame,
      '/challenge',
      say(mailed ? 'code.emailAgain' : 'code.resend'),
      mailed ? { channel } : {},
    ),
  };
}

/**
 * One field for the code: autofill, paste and screen readers all want it in one piece (WCAG 2.2
 * 3.3.8; GOV.UK security codes). No `maxlength`: a pasted `123 456` must fit.
 */
export function codeForm(code: CodeModel, problem: ProblemModel | null = null): Html {
  // Its words stand elsewhere, and so does the field that is to be put right.
  const elsewhere = problem !== null && problem.field !== null && problem.field !== 'code';
  const isWrong = problem?.field === 'code';
  return html`<p>${withPhone(code.sentence, code.sentTo)}</p>
    ${deliveryLine(code)}
    <form method="post" action="${code.action}" autocomplete="off" novalidate>
      ${fieldsOf(code)}<label for="code">${code.label}</label>
      <input
        id="code"
        name="code"
        type="text"
        inputmode="numeric"
        autocomplete="one-time-code"
        pattern="[0-9 \\-]*"
        ${!elsewhere && html` aria-describedby="problem"`}
        ${isWrong && html` aria-invalid="true"`}
        required
        ${!elsewhere && html` autofocus`}
      />
      ${
        code.trust &&
        html`<label class="tick"
            ><input
              type="checkbox"
              name="trustDevice"
              value="on"
              aria-describedby="trust-warning"
              ${code.trust.checked && html` checked`}
            />
            ${code.trust.label}</label
          >
          <p class="hint" id="trust-warning">${code.trust.warning}</p>`
      }
      <button type="submit">${code.button}</button>
    </form>`;
}

/** What the carrier says of the text, as far as it is of use to who waits for it. */
function deliveryLine({ delivery }: CodeModel): Html | null {
  return (
    delivery &&
    html`<p
      class="hint"
      role="status"
      data-delivery="${delivery.path}"
      data-delivered="${delivery.delivered}"
      data-failed="${delivery.failed}"
    >
      ${delivery.sentence}
    </p>`
  );
}
