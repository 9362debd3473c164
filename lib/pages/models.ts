import type { Delivery } from '../ports/senders';

/**
 * What the pages show, as data: facts, paths and ready sentences in the language of the request. A model
 * is plain JSON, so any template engine can render it (option `views`). Sentences are text, not HTML.
 */
export type PageModel =
  | ChallengeModel
  | EnrollmentModel
  | ManageModel
  | ConfirmModel
  | RecoveryCodesModel
  | ResumeModel
  | MessageModel;

/** The name of a page, as `views` has it. */
export type PageName = PageModel['page'];

/** What every page knows. */
export interface PageFrame {
  /** The language of all sentences, BCP 47. */
  lang: string;
  dir: 'ltr' | 'rtl';
  appName: string;
  /** The address of an image that stands for the name. */
  logo: string | null;
  title: string;
  /** Where the router is mounted. */
  mountPath: string;
  /** Where the app's own pages begin. */
  homePath: string;
  /** The library's own files, each with the version that it has now. */
  assets: { style: string; script: string };
  /** The token of the app's own CSRF middleware; it is among the fields of each form already. */
  csrf: HiddenField | null;
  /** What the last request has to say, once. */
  problem: ProblemModel | null;
  /** What has gone well, such as that a code was sent again; said once. */
  notice: string | null;
  /** Where a person helps (option `support`). */
  support: LinkModel | null;
  /** Posts the sign-out, where the app has one. */
  signOut: FormModel | null;
}

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

/** The name of a field that a problem can be about. */
export type ProblemField = 'code' | 'recoveryCode' | 'phone';

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

/** A form that sends a code. */
export interface SendModel extends FormModel {
  /** Until it may be posted; `null` where it may be now. */
  wait: CountdownModel | null;
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

/** Asks for the code of a sign-in or a step-up. */
export interface ChallengeModel extends PageFrame {
  page: 'challenge';
  /** The masked number that texts go to. */
  phone: string;
  /** `send`: a code may be sent; `code`: one is on its way; `shut`: none is taken now. */
  state: 'send' | 'code' | 'shut';
  /** What is to be done, or why nothing can be. */
  sentences: string[];
  /** Until codes are checked again; the sentence is the last of `sentences`, too. */
  locked: (CountdownModel & { again: LinkModel }) | null;
  disabled: boolean;
  send: SendModel | null;
  /** The page may post `send` by itself. */
  sendAtOnce: boolean;
  code: CodeModel | null;
  resend: ResendModel | null;
  /** Texts a code, where the one on its way was mailed. */
  text: SendModel | null;
  /** Takes the place of `code` when that is over. */
  expired: { sentence: string; form: FormModel | null; link: LinkModel | null } | null;
  /** Sends a code by mail. */
  email: (SendModel & { sentence: string; address: string }) | null;
  /** Takes the field `recoveryCode`; `open` where it is what to do now. */
  recovery: (FormModel & { summary: string; label: string; open: boolean }) | null;
  /** Ends a step-up without it, and goes back. */
  cancel: FormModel | null;
  /** What became of a form that the gate held up. */
  heldUp: { state: 'kept' | 'lost'; sentence: string } | null;
}

/** Asks for the first phone, then for the code that was texted to it. */
export interface EnrollmentModel extends PageFrame {
  page: 'enrollment';
  /** `other`: a factor of the app's own comes first; `shut`: no code is sent or taken now. */
  state: 'phone' | 'code' | 'other' | 'shut';
  /** Why no code is taken now, and what to do. */
  trouble: string | null;
  sentences: string[];
  hints: string[];
  phone: PhoneModel | null;
  code: CodeModel | null;
  /** Sends it once more. */
  resend: ResendModel | null;
  /** What stands above the form for another number, while a code is on its way. */
  otherNumber: string | null;
  /** The way on, or out. */
  link: LinkModel | null;
}

/** Shows the phone to a verified user, who may replace or remove it. */
export interface ManageModel extends PageFrame {
  page: 'manage';
  /** Why no code is texted to the phone now, and what to do. */
  trouble: string | null;
  phone: { masked: string; sentence: string; heading: string };
  replace: {
    summary: string;
    form: PhoneModel;
    /** The code that was texted to the new number. */
    code: (CodeModel & { heading: string; hint: string; resend: ResendModel }) | null;
  };
  recovery: {
    left: number;
    sentence: string;
    /** Few are left. */
    warning: string | null;
    summary: string;
    why: string;
    renew: FormModel;
  };
  /** New codes that nobody has said to have saved. */
  waiting: {
    heading: string;
    codes: SavingModel | null;
    sentences: string[];
    saved: FormModel | null;
  } | null;
  /** `null` where the app offers no trust. */
  browsers: {
    summary: string;
    none: string;
    list: {
      id: string;
      name: string;
      current: boolean;
      /** ISO 8601. */
      trustedAt: string;
      lastUsedAt: string;
      dates: string;
      revoke: FormModel;
    }[];
    revokeAll: FormModel | null;
  } | null;
  off: { summary: string; sentence: string; form: FormModel };
  back: LinkModel;
}

/** Asks once before something is done that cannot be undone. */
export interface ConfirmModel extends PageFrame {
  page: 'confirm';
  /** What it does. */
  sentences: string[];
  /** Does it: the field `confirm` with the value `yes` is among its fields. */
  form: FormModel;
  cancel: LinkModel;
}

export interface SavingModel {
  codes: string[];
  /** Words for a script that copies, saves and prints them. */
  tools: {
    head: string;
    file: string;
    copy: string;
    copied: string;
    save: string;
    saved: string;
    print: string;
  };
  sentences: string[];
  hints: string[];
  /** The codes as a text file. */
  download: LinkModel;
  /** Says that they are saved. */
  saved: FormModel | null;
}

/** Shows new recovery codes until they are saved. */
export interface RecoveryCodesModel extends PageFrame, SavingModel {
  page: 'recoveryCodes';
  link: LinkModel;
}

/** Offers to send a form again that the gate held up. */
export interface ResumeModel extends PageFrame {
  page: 'resume';
  /** Where the form was sent. */
  path: string;
  sentence: string;
  /** What it would do: the app's words, or the fields with their names written as words. */
  lines: { label: string; value: string }[];
  form: FormModel;
  cancel: LinkModel;
}

/** Says something where no other page can, such as what went wrong. */
export interface MessageModel extends PageFrame {
  page: 'message';
  status: number;
  /** Left out where `problem` says it all. */
  sentence: string | null;
  link: LinkModel;
}
