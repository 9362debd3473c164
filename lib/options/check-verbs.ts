import { ANY_FACTOR, hasOwnPage, isAppsOwn, isMethod, PASSWORD } from '../core/amr';
import { RANGES } from '../core/limits';
import { localPath, own } from '../core/untrusted';
import { inCall, inOption, misuse, refuseUnknown } from '../misuse';
import { isList, ownOr } from './check-values';
import type { Settings } from './options';
import type {
  ChallengeOptions,
  CheckedTrust,
  CheckOptions,
  DecideOptions,
  EnforceOptions,
  IdentityProviderTrust,
  ProofOptions,
  RequireOptions,
  ResumeOptions,
} from './verb-options';

/** In seconds: the most that `limits.verifiedSession` may be. */
const LONGEST_SESSION = RANGES.verifiedSession[1];

/** What the app has set up beside texts. */
type Ways = Pick<Settings, 'email' | 'preset'>;

/** In seconds; RTS on SCA, Art. 4(3)(d). */
const PSD2_MAX_AGE = 300;

/** Checks the options of `require()` when the route is set up, not when it is asked for. */
export function checkRequire(given: RequireOptions = {}, settings: Ways): RequireOptions {
  const names = ['maxAge', 'methods', 'redirectTo', 'resume', 'transaction'];
  refuseUnknown(inCall('require'), given, names);
  const transaction = checkTransaction(given, settings);
  const maxAge = checkMaxAge('require', given);
  const redirectTo = checkRedirect('require', given);
  const methods = checkMethods('require', given, settings);
  refuseMailedStepUp('require', maxAge, methods, settings);
  const led = methods === undefined || methods.some(hasOwnPage);
  if (!led && redirectTo === undefined) {
    throw misuse(
      'require({ methods })',
      methods,
      "Name the page where the user passes it with redirectTo, or add 'sms': the library's own page asks for a texted code.",
    );
  }
  const resume = checkResume(own(given, 'resume'));
  return Object.freeze({ maxAge, methods, redirectTo, resume, transaction });
}

function checkTransaction(
  given: RequireOptions,
  { preset }: Ways,
): RequireOptions['transaction'] | undefined {
  const transaction = own(given, 'transaction');
  const maxAge = own(given, 'maxAge');
  if (preset === 'psd2' && typeof maxAge === 'number' && maxAge > PSD2_MAX_AGE) {
    const cure = `The preset psd2 asks for a factor of the last ${PSD2_MAX_AGE} s: give so much or less.`;
    throw misuse('require({ maxAge })', maxAge, cure);
  }
  if (transaction === undefined) return undefined;
  if (typeof transaction !== 'function') {
    const cure =
      'Give a function of the request, such as (req) => `Pay $${req.body.amount} to Bob`.';
    throw misuse('require({ transaction })', transaction, cure);
  }
  const methods = own(given, 'methods');
  if (methods !== undefined) {
    const cure = 'Leave it out: a transaction is confirmed by the code that its own text brought.';
    throw misuse('require({ methods })', methods, cure);
  }
  return transaction as RequireOptions['transaction'];
}

function checkResume(resume: unknown = false): boolean | ResumeOptions {
  if (typeof resume === 'boolean') return resume;
  const naming = inOption('require({ resume })');
  refuseUnknown(naming, resume, ['describe'], 'Give true, false or { describe }.');
  const describe = own(resume, 'describe');
  if (typeof describe !== 'function') {
    throw misuse(naming.one('describe'), describe, 'Give a function of the request.');
  }
  return Object.freeze({ describe }) as ResumeOptions;
}

/** What `isVerified` takes, checked at each call. */
export function checkProof(given: ProofOptions = {}, settings: Ways): ProofOptions {
  refuseUnknown(inCall('isVerified'), given, ['maxAge', 'methods']);
  const methods = checkMethods('isVerified', given, settings);
  const maxAge = checkMaxAge('isVerified', given);
  refuseMailedStepUp('isVerified', maxAge, methods, settings);
  return { maxAge, methods };
}

/** What `decide` takes, checked at each call. */
export function checkDecide(given: DecideOptions = {}, settings: Ways): DecideOptions {
  refuseUnknown(inCall('decide'), given, ['gate', 'maxAge', 'methods', 'redirectTo']);
  const gate = checkGate(given);
  const methods = checkMethods('decide', given, settings);
  const maxAge = checkMaxAge('decide', given);
  refuseMailedStepUp('decide', maxAge, methods, settings);
  return { gate, maxAge, methods, redirectTo: checkRedirect('decide', given) };
}

/** `enforce()` asks of everybody the same: what is asked beside it would be asked of nobody. */
function checkGate(given: object): 'require' | 'enforce' {
  const gate = ownOr(given, 'gate', 'require');
  if (gate !== 'require' && gate !== 'enforce') {
    throw misuse('decide({ gate })', gate, "Give 'require' or 'enforce', or leave it out.");
  }
  const beside = ['maxAge', 'methods'].find((name) => own(given, name) !== undefined);
  if (gate === 'enforce' && beside !== undefined) {
    const cure = "Leave it out, or leave gate: 'enforce' out: that gate does not ask for it.";
    throw misuse(`decide({ ${beside} })`, own(given, beside), cure);
  }
  return gate;
}

/** A route that nobody could ever pass. */
function refuseMailedStepUp(
  where: string,
  maxAge: number | undefined,
  methods: readonly string[] | undefined,
  { email }: Ways,
): void {
  const mailOnly = maxAge !== undefined && methods?.every((method) => method === 'email') === true;
  if (!mailOnly || email?.stepUp === true) return;
  const cure = "A mailed code is no step-up: add 'sms', or set email.stepUp to true.";
  throw misuse(`${where}({ methods })`, methods, cure);
}

/** The AMR values that `satisfy` takes, checked at each call; `mfa` is said of any factor anyway. */
export function checkSatisfied(given: unknown): string[] {
  const methods = Array.isArray(given) ? (given as unknown[]) : [];
  const named = methods.filter((each) => each !== ANY_FACTOR);
  const whole = named.every((each) => isMethod(each) && isAppsOwn(each));
  if (named.length > 0 && whole) return named as string[];
  throw misuse(
    'the second argument of satisfy()',
    given,
    "Give AMR values (RFC 8176) of the app's own factor, such as ['otp', 'mfa'].",
  );
}

/** Checks what `trustIdentityProvider` takes, when it is set up. */
export function checkTrust(given: IdentityProviderTrust): CheckedTrust {
  const where = 'trustIdentityProvider';
  const cure =
    "Give { amr: ['otp', 'hwk'], maxAge: 300 }, { acr: ['urn:…'], maxAge: 300 } or both.";
  refuseUnknown(inCall(where), given, ['amr', 'acr', 'maxAge'], cure);
  const [amr, acr] = (['amr', 'acr'] as const).map((name) => {
    const values = ownOr(given, name, []);
    // Everybody has that one: it would open the gate to all.
    if (isList(values, (value) => value !== '' && value !== PASSWORD)) return values as string[];
    const what = "Give a list of the provider's values for a second factor, without 'pwd'.";
    throw misuse(`${where}({ ${name} })`, values, what);
  }) as [string[], string[]];
  if (amr.length + acr.length === 0) throw misuse(`${where}({ amr })`, own(given, 'amr'), cure);
  const maxAge = checkMaxAge(where, given);
  if (maxAge === undefined) {
    const needed = 'Give the number of seconds that auth_time may be old, such as 300.';
    throw misuse(`${where}({ maxAge })`, maxAge, needed);
  }
  return Object.freeze({ amr: Object.freeze([...amr]), acr: Object.freeze([...acr]), maxAge });
}

/** What takes milliseconds for seconds would ask for nothing, without a word: no factor is older than a day. */
function checkMaxAge(where: string, given: object): number | undefined {
  const maxAge = own(given, 'maxAge');
  if (maxAge === undefined) return undefined;
  if (Number.isFinite(maxAge) && Number(maxAge) > 0 && Number(maxAge) <= LONGEST_SESSION) {
    return maxAge as number;
  }
  const cure = `Give a number of seconds above 0, such as 300, up to ${LONGEST_SESSION}: after a day nobody is verified.`;
  throw misuse(`${where}({ maxAge })`, maxAge, cure);
}

function checkMethods(
  where: string,
  given: object,
  { email }: Ways,
): readonly string[] | undefined {
  const methods = own(given, 'methods');
  if (methods === undefined) return undefined;
  // Everybody has 'pwd', so a list with it would open the gate to all.
  const whole =
    Array.isArray(methods) &&
    methods.length > 0 &&
    methods.every((each) => isMethod(each) && each !== PASSWORD);
  const option = `${where}({ methods })`;
  if (!whole) {
    throw misuse(option, methods, "Give AMR values of second factors, such as ['sms', 'otp'].");
  }
  if (email === undefined && methods.includes('email')) {
    throw misuse(option, methods, "Nobody passes 'email' where the option email is not set.");
  }
  return Object.freeze([...(methods as string[])]);
}

/** Checks the options of `enforce()` when it is mounted. */
export function checkEnforce(given: EnforceOptions = {}): EnforceOptions {
  refuseUnknown(inCall('enforce'), given, ['allow', 'redirectTo']);
  const allow = ownOr(given, 'allow', []);
  const whole = Array.isArray(allow) && allow.every(isEntry);
  if (!whole) {
    const cure =
      "Give a list of exact paths, such as '/logout', and of what is below one, such as '/assets/*'; the star stands at the end, below a path, and no query is compared.";
    throw misuse('enforce({ allow })', allow, cure);
  }
  const redirectTo = checkRedirect('enforce', given);
  return Object.freeze({ allow: Object.freeze([...(allow as string[])]), redirectTo });
}

/** An exact path, or one with a star at its end. */
function isEntry(path: unknown): boolean {
  if (typeof path !== 'string' || localPath(path) !== path) return false;
  return /^[^*?]*$/.test(path) || /^(?:\/[\w.~@-]*[\w~@-])+\/\*$/.test(path);
}

/** Checks the options of `challenge()` when it is mounted. */
export function checkChallenge(given: ChallengeOptions = {}): ChallengeOptions {
  refuseUnknown(inCall('challenge'), given, ['refusal']);
  const refusal = ownOr(given, 'refusal', 'respond');
  if (refusal !== 'respond' && refusal !== 'next') {
    throw misuse('challenge({ refusal })', refusal, "Give 'respond' or 'next', or leave it out.");
  }
  return Object.freeze({ refusal });
}

function checkRedirect(where: string, given: object): string | undefined {
  const path = own(given, 'redirectTo');
  if (path === undefined || (typeof path === 'string' && localPath(path) === path)) return path;
  throw misuse(`${where}({ redirectTo })`, path, 'Give a path of this app, such as /confirm.');
}

/** What `check` takes, checked at each call. */
export function checkWhom(given: CheckOptions = {}): CheckOptions {
  refuseUnknown(inCall('check'), given, ['userId']);
  const userId = own(given, 'userId');
  if (userId !== undefined && (typeof userId !== 'string' || userId === '')) {
    throw misuse(
      'check({ userId })',
      userId,
      'Give the id of a user of your tests, or leave it out.',
    );
  }
  return { userId };
}
