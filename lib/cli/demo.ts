import { charactersOver } from '../core/challenge/message';
import { DEFAULT_LIMITS } from '../core/limits';
import type { Refusal, RefusalCode } from '../core/outcomes';
import { SecondFactorError } from '../errors';
import { readNorthAmericanNumber } from '../flowroute/wire';
import { createLocales, sayDetail } from '../locales/locales';
import { checkDomain, checkText } from '../options/check-values';
import type { SmsSender } from '../ports/senders';
import { flowrouteSender } from '../senders/flowroute-sender';
import { SIMULATOR_CREDENTIALS } from '../simulator';
import { DONE, type Command, type Context } from './command';
import { CommandFailure, UsageError } from './command-failure';
import { SHOW_NUMBERS } from './command-line';
import { demoCore, demoUser, forgetPhones, keptFile, type DemoUser } from './demo-account';
import { CARRIER_OPTIONS, CARRIER_SETTINGS, FROM, readAccount, readFrom } from './settings';
import { startSimulator } from './simulate';
import { shownNumber } from './terminal';

export const demo: Command = {
  name: 'demo',
  summary: 'walks through a sign-in with a texted code, here on the terminal',
  usage: '',
  options: {
    'app-name': { kind: 'text', value: '<name>', about: 'whom the text names (Demo)' },
    domain: {
      kind: 'text',
      value: '<host>',
      about: 'for the domain line of the text; default none',
    },
    'simulator-port': {
      kind: 'text',
      value: '<port>',
      about: 'where the simulator listens, if it is used; default a free one',
    },
    forget: {
      kind: 'flag',
      about: 'forget the phones that earlier runs have saved, and begin anew',
    },
    ...FROM,
    ...CARRIER_OPTIONS,
    ...SHOW_NUMBERS,
  },
  settings: [...CARRIER_SETTINGS, 'FLOWROUTE_FROM'],
  details: [
    'With FLOWROUTE_ACCESS_KEY, FLOWROUTE_SECRET_KEY and FLOWROUTE_FROM a real text goes out. Without',
    'keys it starts a simulator, and the text arrives on its phone page. Guesses are counted, codes',
    'expire, and too many wrong ones lock, as in an app. Your phone is saved under the user name, in',
    '~/.local/state/passport-sms-2fa/demo.json (XDG_STATE_HOME, LOCALAPPDATA); all else ends with it.',
  ],
  run: runDemo,
};

async function runDemo(context: Context): Promise<number> {
  const names = readNames(context);
  const carrier = await openDemoCarrier(context);
  try {
    return await signIn(context, carrier, names);
  } catch (error) {
    // The library keeps what the carrier said for the app's log; here its owner is watching.
    throw error instanceof SecondFactorError && error.cause instanceof SecondFactorError
      ? error.cause
      : error;
  } finally {
    await carrier.close();
  }
}

async function signIn(
  context: Context,
  { sender, phonePage }: DemoCarrier,
  names: { appName: string; domain: string | undefined },
): Promise<number> {
  const { given, printer, prompts, clock } = context;
  const file = keptFile(context);
  if (given.flag('forget')) forgetPhones(file);
  const core = demoCore({ ...names, sender, clock }, file);
  if (phonePage !== undefined) {
    printer.remark(`No Flowroute keys are set, so texts arrive at ${phonePage}`);
  }
  printer.remark('Make up a user name and a password: this demo takes any, and keeps no password.');
  const username = await askFilled(() => prompts.ask('User name: '));
  await askFilled(() => prompts.askHidden('Password: '));
  const user = await demoUser(core, username);
  const whole = given.flag('show-numbers');
  const phone = await (user.savedPhone === undefined
    ? askPhone(context, user)
    : textSaved(context, user, user.savedPhone));
  const isReal = phonePage === undefined;
  await askCode(context, user, { phone, isReal }).catch((error: unknown) => {
    if (isReal) printer.remark(`\n${NO_TEXT}`);
    throw error;
  });
  const shown = shownNumber(phone, whole);
  if (file !== undefined && user.savedPhone === undefined) {
    printer.remark(`${shown} was saved for future use in ${file}; "demo --forget" removes it.`);
  }
  printer.result({ verified: true, username, phone: shown }, [
    printer.paint(
      'green',
      `Welcome, ${username}. The password alone was not enough; the code was.`,
    ),
  ]);
  return DONE;
}

/** The usual cause of a first text that never comes. */
const NO_TEXT =
  'No text came? Ask Flowroute\'s support whether SMS is provisioned for your number; "passport-sms-2fa go-live" goes through all that it needs.';

/** A user of an earlier run has a phone, and names none. */
async function textSaved(
  { given, printer }: Context,
  user: DemoUser,
  phone: string,
): Promise<string> {
  const outcome = await user.text(phone);
  if (!outcome.ok) throw new CommandFailure(refusalWords(outcome));
  const shown = shownNumber(phone, given.flag('show-numbers'));
  printer.remark(`A code was texted to ${shown}, which an earlier run has saved.`);
  return phone;
}

async function askFilled(ask: () => Promise<string>): Promise<string> {
  for (;;) {
    const answer = await ask();
    if (answer !== '') return answer;
  }
}

function readNames({ given }: Context): { appName: string; domain: string | undefined } {
  const appName = checkText('--app-name', given.text('app-name') ?? 'Demo');
  const domain = checkDomain(given.text('domain'));
  const { codeLength, challengeLifetime: lifetimeSeconds } = DEFAULT_LIMITS;
  const { sayText: say } = createLocales().best([]);
  const over = charactersOver({ appName, domain, codeLength, lifetimeSeconds }, say);
  if (over <= 0) return { appName, domain };
  throw new UsageError(`--app-name is too long for a text; shorten it by ${over} characters.`);
}

/** Another number may do better. */
const OTHER_NUMBER: readonly RefusalCode[] = ['phone_invalid', 'destination_not_allowed'];

/** Asks until a code was texted to a number, and resolves with its 11 digits. */
async function askPhone({ printer, prompts }: Context, user: DemoUser): Promise<string> {
  for (;;) {
    const typed = await prompts.ask('Phone number, 11 digits such as 12065550142: ');
    const phone = readNorthAmericanNumber(typed.replace(/[\s().-]/g, ''));
    if (phone === undefined) {
      printer.remark('That is no US or Canadian number: 1, the area code, seven digits more.');
      continue;
    }
    const outcome = await user.text(phone);
    if (outcome.ok) return phone;
    if (!OTHER_NUMBER.includes(outcome.code)) throw new CommandFailure(refusalWords(outcome));
    printer.remark(refusalWords(outcome));
  }
}

const QUESTION = 'The code that was texted, or Enter for another text: ';

/** Asks until the code came back. Ends with an error where no further guess would help. */
async function askCode(
  context: Context,
  user: DemoUser,
  { phone, isReal }: { phone: string; isReal: boolean },
): Promise<void> {
  for (;;) {
    const typed = await context.prompts.ask(QUESTION);
    const outcome = await (typed === '' ? user.text(phone) : user.confirm(typed));
    if (!outcome.ok) tellRefusal(context, outcome);
    else if (typed !== '') return;
    else context.printer.remark(`Another text is on its way.${isReal ? ` ${NO_TEXT}` : ''}`);
  }
}

function tellRefusal({ printer }: Context, refusal: Refusal): void {
  const words = refusalWords(refusal);
  if (refusal.code === 'too_many_attempts') throw new CommandFailure(words);
  const dead = refusal.code === 'challenge_expired' || refusal.attemptsLeft === 0;
  printer.remark(dead ? `${words} Press Enter for a new one.` : words);
}

/** What may come up here, in words for the person at the terminal. */
const WORDS: Partial<Record<RefusalCode, string>> = {
  code_incorrect: 'That is not the code.',
  challenge_expired: 'This code no longer counts: it expired or was guessed at too often.',
  phone_invalid: 'There is no such phone number.',
  destination_not_allowed: 'Numbers of this kind or country are not texted.',
  phone_opted_out: 'This phone has opted out of texts; only a text UNSTOP from it undoes that.',
  resend_too_soon: 'A text is on its way already.',
  send_limit_reached: 'Too many texts were sent to this number or by this user.',
  sending_suspended: 'Texts there are suspended: too few of their codes came back.',
  too_many_attempts: 'Too many wrong codes: this user is locked.',
};

function refusalWords({ code, attemptsLeft, retryAfter, detail }: Refusal): string {
  const guesses =
    attemptsLeft === undefined || attemptsLeft === 0
      ? []
      : [`${attemptsLeft} ${attemptsLeft === 1 ? 'guess' : 'guesses'} left.`];
  const wait = retryAfter === undefined ? [] : [`Try again in ${duration(retryAfter)}.`];
  const said = sayDetail(detail, createLocales().best([]));
  return [said ?? WORDS[code] ?? `It was refused (${code}).`, ...guesses, ...wait].join(' ');
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

interface DemoCarrier {
  sender: SmsSender;
  /** Where texts can be read; only with the simulator. */
  phonePage: string | undefined;
  close: () => Promise<void>;
}

/** Flowroute where its keys are set; else a simulator that is reached over real HTTP as well. */
async function openDemoCarrier(context: Context): Promise<DemoCarrier> {
  const { given, env } = context;
  const account = readAccount(context);
  if (account !== undefined) {
    const sender = flowrouteSender({ ...account, from: readFrom(context) });
    return { sender, phonePage: undefined, close: () => Promise.resolve() };
  }
  if (given.text('api') !== undefined || env.FLOWROUTE_API !== undefined) {
    throw new UsageError(
      'FLOWROUTE_API (--api) is set without keys. Set FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY, too, or none of them.',
    );
  }
  const port = given.whole('simulator-port', 0, 65_535) ?? 0;
  const place = { port, host: '127.0.0.1', option: '--simulator-port' };
  const simulator = await startSimulator({}, place);
  const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: simulator.url });
  return { sender, phonePage: `${simulator.url}/`, close: () => simulator.close() };
}
