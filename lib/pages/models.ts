import type {
  CodeModel,
  CountdownModel,
  FormModel,
  HiddenField,
  LinkModel,
  PhoneModel,
  ProblemModel,
  ResendModel,
} from './form-models';

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
  /** The library's own files, each with the version that it has now; between them `theme.stylesheet`. */
  assets: { style: string; own: string | null; script: string };
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
  /** How a screen reader says a masked number: words with `{digits}`, its last two, in them. */
  ending: string;
}

/** A form that sends a code. */
export interface SendModel extends FormModel {
  /** Until it may be posted; `null` where it may be now. */
  wait: CountdownModel | null;
}

/** Asks for the code of a sign-in or a step-up. */
export interface ChallengeModel extends PageFrame {
  page: 'challenge';
  /** The masked number that texts go to. */
  phone: string;
  /** `send`: a code may be sent; `code`: one is on its way; `shut`: none is taken now. */
  state: 'send' | 'code' | 'shut';
  /** What the code confirms, in the app's own words, which its text has, too. */
  transaction: { label: string; value: string; hint: string } | null;
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
