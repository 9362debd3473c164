import type { Consent } from '../core/enrollment';
import { codeForm, type PendingCode } from './code-form';
import { html, type Html } from './html';
import { csrfField, page, signOut, type Frame } from './layout';
import { problemBox, type ProblemText } from './problem-box';

/** What the form for a number shows beside its field. */
export interface PhoneFields {
  /** What the countries that are texted are called. */
  countries: readonly string[];
  /** A number that was refused, as it was typed. */
  refused: string | undefined;
  /** Whether it is the number that is wrong, and not the moment or the carrier. */
  isWrong: boolean;
  consent: Consent;
}

interface EnrollmentPage extends Frame, PhoneFields {
  problem: ProblemText | undefined;
  pending: PendingCode | undefined;
  /** Whether the user may go on without; not where the gate sent them here. */
  optional: boolean;
  /** The user has a factor of the app's own, which comes before a phone. */
  otherFirst: boolean;
}

/** Asks for the first phone, then for the code that was texted to it. */
export function enrollmentPage(view: EnrollmentPage): string {
  const { pending } = view;
  if (view.otherFirst) {
    const body = html`${problemBox(view.problem)}
      <p>
        Your account has a second factor already. Confirm with that one first; then you can add a
        phone here.
      </p>
      <p><a href="${view.homePath}">Go on</a></p>
      ${signOut(view)}`;
    return page(view, 'Add a phone', body);
  }
  if (pending === undefined) {
    const body = html`${problemBox(view.problem)}
      <p>
        Signing in will take your password and a code texted to your phone. A stolen password alone
        will not be enough.
      </p>
      ${phoneForm(view, 'Text me a code')}
      <p class="hint">
        Texts can be read by others in rare cases, for example when a number is moved to another
        card. Where your account offers an app or a key as a second factor, prefer that.
      </p>
      ${view.optional && html`<p><a href="${view.homePath}">Not now</a></p>`} ${signOut(view)}`;
    return page(view, 'Protect your account', body);
  }
  return page(
    view,
    'Confirm your phone',
    html`${problemBox(view.problem)}
      ${codeForm(view, '/enrollment/verify', pending, 'Confirm phone')}
      <details ${view.refused !== undefined && html` open`}>
        <summary>No text, or another number?</summary>
        ${phoneForm(view, 'Text a code')}
      </details>`,
  );
}

/** A list of so many countries is read at a glance. */
const FEW = 6;

/** One field for the number, which the phone's own autofill knows. A refused one stands in it again. */
export function phoneForm(view: Frame & PhoneFields, button: string): Html {
  const { refused, countries, mountPath, consent } = view;
  return html`<form method="post" action="${mountPath}/enrollment" data-once>
    ${csrfField(view)}<label for="phone">Mobile number, with area code</label>
    <input
      id="phone"
      name="phone"
      type="tel"
      inputmode="tel"
      autocomplete="tel"
      aria-describedby="problem phone-countries phone-consent"
      ${refused !== undefined && html` value="${refused}"`}
      ${refused !== undefined && view.isWrong && html` aria-invalid="true" autofocus`}
      required
    />
    ${servedCountries(countries)} ${consentLine(consent)}
    <button type="submit">${button}</button>
  </form>`;
}

/** Before the button, as agreeing comes before asking. */
function consentLine({ text, terms, privacy, support }: Consent): Html {
  const named = { Terms: terms, Privacy: privacy, Help: support };
  const links = Object.entries(named).flatMap(([name, address]) =>
    address === undefined ? [] : [html` <a href="${address}">${name}</a>`],
  );
  return html`<p class="hint" id="phone-consent">${text}${links}</p>`;
}

function servedCountries(countries: readonly string[]): Html {
  const list = countries.join(', ');
  if (countries.length <= FEW) {
    return html`<p class="hint" id="phone-countries">Numbers of: ${list}</p>`;
  }
  return html`<details class="hint">
    <summary id="phone-countries">Numbers of ${countries.length} countries</summary>
    <p>${list}</p>
  </details>`;
}
