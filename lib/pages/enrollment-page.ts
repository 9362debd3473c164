import type { Consent } from '../core/enrollment';
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
  fieldsOf,
  formModel,
  frameModel,
  homeLink,
  link,
  paragraphs,
  signOut,
  submitButton,
  type Frame,
} from './layout';
import type { PhoneModel, ProblemModel } from './form-models';
import type { EnrollmentModel } from './models';
import { elsewhere, problemBox, problemSummary } from './problem-box';

/** What the form for a number shows beside its field. */
export interface PhoneFacts {
  /** The regions that are texted. */
  countries: Iterable<string>;
  /** How a number is written. */
  example: string | undefined;
  /** A number that was refused, as it was typed. */
  refused: string | undefined;
  /** Whether it is the number that is wrong, and not the moment or the carrier. */
  isWrong: boolean;
  /** The form is what the user came for. */
  open?: boolean;
  consent: Consent;
}

/** What stands against a code, whichever phone it would go to. */
export interface StandingFacts {
  /** The hard stop was reached. */
  disabled: boolean;
  /** Seconds left of a lock. */
  lockedFor: number | undefined;
}

interface EnrollmentFacts extends PhoneFacts, StandingFacts {
  problem: ProblemModel | null;
  pending: PendingCode | undefined;
  /** Where the user goes on without a phone; `undefined` where they may not, as the gate sent them here. */
  without: string | undefined;
  /** Days until a phone is a must, begun ones included; `undefined` where there is no such day to come. */
  daysLeft: number | undefined;
  /** The user has a factor of the app's own, which comes before a phone. */
  otherFirst: boolean;
}

/** Asks for the first phone, then for the code that was texted to it. */
export function enrollmentPage(frame: Frame, facts: EnrollmentFacts): EnrollmentModel {
  const { say } = frame.words;
  const { daysLeft, pending, problem, otherFirst, without } = facts;
  const trouble = otherFirst ? null : troubleWords(frame, facts, 'detail.disabled');
  const none = {
    trouble,
    hints: [],
    phone: null,
    code: null,
    resend: null,
    otherNumber: null,
  } as const;
  const notNow = without === undefined ? null : { path: without, text: say('frame.notNow') };
  if (otherFirst) {
    return {
      ...frameModel(frame, say('enrollment.otherTitle'), problem),
      ...none,
      hints: [],
      page: 'enrollment',
      state: 'other',
      sentences: [say('enrollment.otherFirst')],
      link: homeLink(frame, 'frame.continue'),
    };
  }
  if (trouble !== null) {
    const title = say(pending === undefined ? 'enrollment.title' : 'enrollment.confirmTitle');
    return {
      ...frameModel(frame, title, problem),
      ...none,
      hints: [],
      page: 'enrollment',
      state: 'shut',
      sentences: [],
      link: notNow,
    };
  }
  if (pending === undefined) {
    return {
      ...frameModel(frame, say('enrollment.title'), problem),
      ...none,
      page: 'enrollment',
      state: 'phone',
      sentences: [
        say(frame.byPassword ? 'enrollment.why' : 'enrollment.whyAlso'),
        ...(daysLeft === undefined ? [] : [say('enrollment.days', { days: daysLeft })]),
      ],
      hints: [say('enrollment.safer')],
      phone: phoneModel(frame, facts, say('code.textMe')),
      link: notNow,
    };
  }
  return {
    ...frameModel(frame, say('enrollment.confirmTitle'), problem),
    ...none,
    hints: [],
    page: 'enrollment',
    state: 'code',
    sentences: [],
    code: codeModel(frame, '/enrollment/verify', pending, { button: say('enrollment.confirm') }),
    resend: resendModel(frame, pending),
    otherNumber: say('enrollment.otherNumber'),
    phone: phoneModel(frame, facts, say('phone.textCode'), pending),
    link: notNow,
  };
}

/** A list of so many countries is read at a glance. */
const FEW = 6;

/** Said before somebody tries. A verified user may not know: another one may have typed the wrong codes. */
export function troubleWords(
  { words }: Frame,
  { disabled, lockedFor }: StandingFacts,
  whenDisabled: 'manage.disabled' | 'detail.disabled',
): string | null {
  if (disabled) return words.say(whenDisabled);
  return lockedFor === undefined
    ? null
    : words.say('manage.locked', { wait: words.wait(lockedFor) });
}

/** With the number that waits for its code in the field, to be put right. */
export function phoneModel(
  frame: Frame,
  facts: PhoneFacts,
  button: string,
  pending?: PendingCode,
): PhoneModel {
  const { say, list, countries: namesOf } = frame.words;
  const { text, terms, privacy, support } = facts.consent;
  const countries = namesOf(facts.countries);
  const countryList = list(countries);
  const links = [
    { path: terms, text: say('phone.terms') },
    { path: privacy, text: say('phone.privacy') },
    { path: support, text: say('phone.support') },
  ];
  return {
    ...formModel(frame, '/enrollment', button),
    label: say('phone.label'),
    example: facts.example === undefined ? null : say('phone.example', { phone: facts.example }),
    value: facts.refused ?? (pending?.adding === undefined ? null : pending.phone),
    isWrong: facts.isWrong && facts.refused !== undefined,
    open: facts.refused !== undefined || facts.open === true,
    countries,
    countryList,
    served:
      countries.length <= FEW
        ? say('phone.countries', { countries: countryList })
        : say('phone.countryCount', { count: countries.length }),
    consent: text,
    links: links.flatMap((each) => (each.path === undefined ? [] : [{ ...each, path: each.path }])),
  };
}

export function enrollmentBody(model: EnrollmentModel): Html {
  const { code, resend, phone, problem, otherNumber } = model;
  const isBelow = problem !== null && code !== null && phone?.isWrong === true;
  return html`${problemBox(elsewhere(problem, phone))}
  ${isBelow && problemSummary(problem, 'phone')}
  ${model.trouble !== null && html`<p class="warning">${model.trouble}</p>`}
  ${paragraphs(model.sentences)} ${code && codeForm(code, model.ending, problem)}
  ${resend && resendForm(resend)}
  ${
    phone &&
    (otherNumber === null
      ? phoneForm(phone, problem)
      : folded(otherNumber, phone, problem, EXPIRED))
  }
  ${paragraphs(model.hints, 'hint')} ${model.link && link(model.link)} ${signOut(model)}`;
}

/** The form for a number behind its heading; open where something about it is to be said or done. */
export function folded(
  summary: string,
  phone: PhoneModel,
  problem: ProblemModel | null,
  id = 'number',
): Html {
  return html`<details id="${id}" ${phone.open && html` open`}>
    <summary>${summary}</summary>
    ${phoneForm(phone, problem)}
  </details>`;
}

/** One field for the number, which the phone's own autofill knows. A refused one stands in it again. */
function phoneForm(phone: PhoneModel, problem: ProblemModel | null): Html {
  // What is wrong with the number may have named the countries already.
  const served =
    phone.isWrong && problem?.detail.includes(phone.countryList) ? null : 'phone-countries';
  return html`<form method="post" action="${phone.action}" data-once>
    ${fieldsOf(phone)}<label for="phone">${phone.label}</label>
    ${phone.example !== null && html`<p class="hint" id="phone-example">${phone.example}</p>`}
    ${phone.isWrong && problemBox(problem, { id: 'phone-problem' })}
    <input
      id="phone"
      name="phone"
      type="tel"
      inputmode="tel"
      autocomplete="tel"
      dir="ltr"
      aria-describedby="${[describedBy(phone, problem), served ?? [], 'phone-consent'].flat().join(' ')}"
      ${phone.value !== null && html` value="${phone.value}"`}
      ${phone.isWrong && html` aria-invalid="true" autofocus`}
      required
    />
    ${served && servedCountries(phone)}
    <p class="hint" id="phone-consent">
      ${phone.consent}${phone.links.map(({ path, text }) => html` <a href="${path}">${text}</a>`)}
    </p>
    ${submitButton(phone)}
  </form>`;
}

function describedBy({ example, isWrong }: PhoneModel, problem: ProblemModel | null): string {
  // An error of another field stands there, and is told there.
  const isOther = problem !== null && problem.field !== null && problem.field !== 'phone';
  const own = isWrong ? ['phone-problem'] : isOther ? [] : ['problem'];
  return [...own, ...(example === null ? [] : ['phone-example'])].join(' ');
}

function servedCountries({ countries, countryList, served }: PhoneModel): Html {
  if (countries.length <= FEW) return html`<p class="hint" id="phone-countries">${served}</p>`;
  return html`<details class="hint">
    <summary id="phone-countries">${served}</summary>
    <p>${countryList}</p>
  </details>`;
}
