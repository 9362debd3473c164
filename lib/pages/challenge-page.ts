import { codeForm, sendForm, type PendingCode } from './code-form';
import { html } from './html';
import { page, signOut, type Frame } from './layout';
import { notice, wait, type NoticeText } from './notice';

export interface ChallengePage extends Frame {
  /** The masked number that texts go to. */
  phone: string;
  notice: NoticeText | undefined;
  pending: PendingCode | undefined;
  /** Seconds left of a lock. */
  lockedFor: number | undefined;
  /** The text is asked for by the page's script, unless something stands against it. */
  sendAtOnce: boolean;
}

/** Asks for the code of a sign-in or a step-up. Complete without JavaScript. */
export function challengePage(view: ChallengePage): string {
  const title = "Confirm that it's you";
  if (view.lockedFor !== undefined) {
    const locked = {
      title: 'Too many attempts',
      detail: 'Too many wrong codes were entered. Codes are not checked for now.',
      retryAfter: view.lockedFor,
    };
    return page(view, title, html`${notice(locked)} ${signOut(view)}`);
  }
  const { pending } = view;
  if (pending === undefined) {
    const send = sendForm(view, '/challenge', {
      button: 'Text me a code',
      atOnce: view.sendAtOnce,
    });
    const body = html`${notice(view.notice)}
      <p>We will text a code to <span class="phone">${view.phone}</span>.</p>
      ${send} ${signOut(view)}`;
    return page(view, title, body);
  }
  const again =
    pending.sendsLeft <= 0
      ? html`<p class="hint">No further texts can be sent for now.</p>`
      : html`<p class="hint">
            No text yet?
            ${pending.resendIn > 0 && html`You can ask again in ${wait(pending.resendIn)}. `}The
            same code is texted again, so a late text still works.
          </p>
          ${sendForm(view, '/challenge', { button: 'Text me again', quiet: true })}`;
  return page(
    view,
    title,
    html`${notice(view.notice)} ${codeForm(view, '/verify', pending, 'Confirm')} ${again}
    ${signOut(view)}`,
  );
}
