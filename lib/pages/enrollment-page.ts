import type { Consent } from '../core/enrollment';
import { codeForm, codeModel, EXPIRED, type PendingCode } from './code-form';
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
import type { EnrollmentModel, PhoneModel, ProblemModel } from './models';
import { problemBox } from './problem-box';

/** What the form for a number shows beside its field. */
export interface PhoneFacts {
  /** The regions that are texted. */
  countries: Iterable<string>;
  /** A number that was refused, as it was typed. */
  refused: string | undefined;
  /** Whether it is the number that is wrong, and not the moment or the carrier. */
  isWrong: boolean;
  consent: Consent;
}

interface EnrollmentFacts extends PhoneFacts {
  problem: ProblemModel | null;
  pending: PendingCode | undefined;
  /** Whether the user may go on without; not where the gate sent them here. */
  optional: boolean;
  /** Days until a phone is a must, begun ones included; `undefined` where there is no such day to come. */
  daysLeft: number | undefined;
  /** The user has a factor of the app's own, which comes before a phone. */
  otherFirst: boolean;
}

/** Asks for the first phone, then for the code that was texted to it. */
export function enrollmentPage(frame: Frame, facts: EnrollmentFacts): EnrollmentModel {
  const { say } = frame.words;
  const { daysLeft, pending, problem, otherFirst, optional } = facts;
  const none = { hints: [], phone: null, code: null, otherNumber: null, link: null } as const;
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
      link: optional ? homeLink(frame, 'frame.notNow') : null,
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
    otherNumber: say('enrollment.noText'),
    phone: phoneModel(frame, facts, say('phone.textCode')),
  };
}

/** A list of so many countries is read at a glance. */
const FEW = 6;

export function phoneModel(frame: Frame, facts: PhoneFacts, button: string): PhoneModel {
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
    value: facts.refused ?? null,
    isWrong: facts.isWrong && facts.refused !== undefined,
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
  const { code, phone, otherNumber } = model;
  return html`${problemBox(model.problem)} ${paragraphs(model.sentences)} ${code && codeForm(code)}
  ${phone && (otherNumber === null ? phoneForm(phone) : folded(otherNumber, phone, EXPIRED))}
  ${paragraphs(model.hints, 'hint')} ${model.link && link(model.link)}
  ${model.state !== 'code' && signOut(model)}`;
}

/** The form for a number behind its heading; open where the number was refused. */
export function folded(summary: string, phone: PhoneModel, id?: string): Html {
  return html`<details
    ${id !== undefined && html` id="${id}"`}
    ${phone.value !== null && html` open`}
  >
    <summary>${summary}</summary>
    ${phoneForm(phone)}
  </details>`;
}

/** One field for the number, which the phone's own autofill knows. A refused one stands in it again. */
function phoneForm(phone: PhoneModel): Html {
  return html`<form method="post" action="${phone.action}" data-once>
    ${fieldsOf(phone)}<label for="phone">${phone.label}</label>
    <input
      id="phone"
      name="phone"
      type="tel"
      inputmode="tel"
      autocomplete="tel"
      dir="ltr"
      aria-describedby="problem phone-countries phone-consent"
      ${phone.value !== null && html` value="${phone.value}"`}
      ${phone.isWrong && html` aria-invalid="true" autofocus`}
      required
    />
    ${servedCountries(phone)}
    <p class="hint" id="phone-consent">
      ${phone.consent}${phone.links.map(({ path, text }) => html` <a href="${path}">${text}</a>`)}
    </p>
    ${submitButton(phone)}
  </form>`;
}

function servedCountries({ countries, countryList, served }: PhoneModel): Html {
  if (countries.length <= FEW) return html`<p class="hint" id="phone-countries">${served}</p>`;
  return html`<details class="hint">
    <summary id="phone-countries">${served}</summary>
    <p>${countryList}</p>
  </details>`;
}
