import type { Delivery } from '../ports/senders';

export interface HiddenField {
  name: string;
  value: string;
}

/** A form that posts, `application/x-www-form-urlencoded`. */
export interface FormModel {
  action: string;
  button: string;
  /** What the button says while the form is sent; `null`: nothing else. */
  sending: string | null;
  /** All fields that nobody types. */
  fields: HiddenField[];
}

export interface LinkModel {
  path: string;
  text: string;
}

/** The name of a field that a problem can be about. */
export type ProblemField = 'code' | 'recoveryCode' | 'phone';

export interface ProblemModel {
  /** The refusal, the same in every language; `null` on pages that say something else. */
  code: string | null;
  title: string;
  detail: string;
  /** Guesses left. */
  attemptsLeft: number | null;
  /** Seconds. */
  retryAfter: number | null;
  /** The field that it is about; `null` where it is about none. */
  field: ProblemField | null;
  /** What else is worth saying, such as the guesses left. */
  notes: string[];
  /** When to try again, and what is said then. */
  retry: CountdownModel | null;
}

/** A sentence with a time in it that counts down. */
export interface CountdownModel {
  sentence: string;
  /** The words of the sentence that stand for the time. */
  time: string;
  seconds: number;
  /** Said when it is over. */
  over: string;
}

/** A code that was sent, and the form that takes it. */
export interface CodeModel extends FormModel {
  /** What was sent where, and how long it works. */
  lasts: CountdownModel & {
    /** With `{time}` for the time left; said now and then. */ left: string;
  };
  channel: 'sms' | 'email';
  /** Where it went: masked, or in full while it is being added, to the session that typed it. */
  sentTo: string;
  /** The field `code`. */
  label: string;
  codeLength: number;
  /** Where a code may be typed, and nowhere else; `null` where the app gives no domain. */
  only: { domain: string; sentence: string } | null;
  /** For a script that posts the form with the last digit: said before (WCAG 3.2.2). */
  goesOn: string;
  delivery: {
    state: Delivery;
    /** What is said of it, if anything. */
    sentence: string | null;
    /** Answers JSON whose `delivery` is the state now. */
    path: string;
    delivered: string;
    failed: string;
    /** Where a browser goes whose user got in by another tab; `null`: it stays. */
    home: string | null;
  } | null;
  /** The box `trustDevice`, with the value `on`. */
  trust: { days: number; label: string; warning: string; checked: boolean } | null;
}

/** The form that sends a code again. */
export interface ResendModel {
  /** Until it may be posted; `null` when it may. */
  wait: CountdownModel | null;
  sentences: string[];
  /** `null` where nothing more can be sent. */
  form: FormModel | null;
}

/** The form for a number, with the field `phone`. */
export interface PhoneModel extends FormModel {
  label: string;
  /** How a number is written, such as `(201) 555-0123`. */
  example: string | null;
  /** What stands in the field: what was refused as it was typed, or the number that waits for its code. */
  value: string | null;
  /** It is the number that is wrong, and not the moment or the carrier; `problem` is about it. */
  isWrong: boolean;
  /** Whether the form stands open where it is folded away otherwise. */
  open: boolean;
  countries: string[];
  /** Their names in one line. */
  countryList: string;
  /** In one sentence; where there are many, only how many. */
  served: string;
  consent: string;
  links: LinkModel[];
}
