import type { FlowrouteClient } from '../flowroute/client';
import { readUrl } from '../flowroute/client-options';
import { checkApp } from './app-checks';
import { askCarrier } from './carrier-checks';
import { DONE, FAILED, type Command, type Context } from './command';
import { onCommandLine, UsageError } from './command-failure';
import { SHOW_NUMBERS, YES, type OptionSpecs } from './command-line';
import { wrong, type Finding, type Patient } from './findings';
import { checkReach } from './network-checks';
import {
  ADDRESS_OPTIONS,
  ADDRESS_SETTINGS,
  CARRIER_OPTIONS,
  CARRIER_SETTINGS,
  FROM,
  openClient,
  readCallbackAddresses,
  readFrom,
  readNumber,
  readPublicUrl,
} from './settings';
import { checkTexts } from './text-checks';
import { printable, shownNumber, type Printer, type Style } from './terminal';

const DEFAULT_API = 'https://api.flowroute.com';
const CURE = 'Settings are listed by: passport-sms-2fa doctor --help.';

/** What texts are made of. */
export const APP_OPTIONS = {
  'app-name': { kind: 'text', value: '<name>', about: 'the appName option of the app' },
  domain: { kind: 'text', value: '<host>', about: 'the domain option of the app' },
  'code-length': { kind: 'text', value: '<digits>', about: 'limits.codeLength of the app (6)' },
} as const satisfies OptionSpecs;

export const doctor: Command = {
  name: 'doctor',
  summary: 'checks keys, from number, callbacks, clock and texts, or an app, and says what to mend',
  usage: '',
  options: {
    app: {
      kind: 'text',
      value: '<module>',
      about: 'load it, take the second factor that it exports, and check its set-up',
    },
    user: {
      kind: 'text',
      value: '<id>',
      about: 'with --app: a user of your tests without a phone, to try the storage with',
    },
    to: {
      kind: 'text',
      value: '<number>',
      about: 'send a test text there, and follow it to the phone',
    },
    ...APP_OPTIONS,
    ...ADDRESS_OPTIONS,
    ...FROM,
    ...YES,
    ...CARRIER_OPTIONS,
    ...SHOW_NUMBERS,
  },
  settings: [...CARRIER_SETTINGS, 'FLOWROUTE_FROM', ...ADDRESS_SETTINGS],
  run: runDoctor,
};

async function runDoctor(context: Context): Promise<number> {
  const { given, prompts, printer } = context;
  const app = given.text('app');
  const { patient, client, findings } = examineSettings(context);
  const { testPhone, showNumbers } = patient;
  const question = `Send a test text to ${shownNumber(testPhone, showNumbers)}?`;
  if (testPhone !== undefined && !given.flag('yes') && !(await prompts.confirm(question))) {
    printer.failure('Nothing was sent or checked.', {});
    return FAILED;
  }
  if (given.text('user') !== undefined && app === undefined) {
    throw new UsageError('--user is asked for with --app only.');
  }
  const all = [
    ...(asksCarrier(context) || app === undefined
      ? [
          ...findings,
          ...(client === undefined ? [] : await askCarrier(client, patient)),
          await checkReach(patient),
          ...checkTexts(patient),
        ]
      : []),
    ...(app === undefined ? [] : await checkApp(app, given.text('user'), context.env)),
  ];
  showFindings(printer, all);
  return all.some(({ state }) => state === 'wrong') ? FAILED : DONE;
}

/** Whether anything was given for it: an app may send by another carrier. */
function asksCarrier({ given, env }: Context): boolean {
  const settings = [...CARRIER_SETTINGS, 'FLOWROUTE_FROM'] as const;
  return (
    settings.some((name) => env[name] !== undefined && env[name] !== '') ||
    Object.keys({ ...ADDRESS_OPTIONS, ...FROM, ...CARRIER_OPTIONS, to: '' }).some(
      (name) => given.text(name) !== undefined,
    )
  );
}

/** Reads every setting; what is wrong with one is a finding, and the others are checked on. */
export function examineSettings(context: Context): {
  patient: Patient;
  client: FlowrouteClient | undefined;
  findings: Finding[];
} {
  const { given, env, clock, wait, signal } = context;
  const findings: Finding[] = [];
  const read = <T>(reader: () => T): T | undefined => {
    try {
      return reader();
    } catch (error) {
      findings.push(wrong('settings', onCommandLine((error as Error).message), CURE));
      return undefined;
    }
  };
  const client = read(() => openClient(context));
  const from = read(() => readFrom(context));
  const publicUrl = read(() => readPublicUrl(context));
  const addresses =
    publicUrl === undefined ? undefined : read(() => readCallbackAddresses(context));
  const to = given.text('to');
  const api = given.text('api') ?? env.FLOWROUTE_API ?? DEFAULT_API;
  const patient: Patient = {
    from,
    // A wrong one makes its finding above, with the client.
    baseUrl: readUrl(api)?.href,
    apiVersion: given.text('api-version') ?? 'v2.2',
    publicUrl,
    callbackAddresses: addresses ?? [],
    domain: given.text('domain'),
    appName: given.text('app-name'),
    codeLength: given.whole('code-length', 6, 10) ?? 6,
    testPhone: to === undefined ? undefined : readNumber('--to', to),
    showNumbers: given.flag('show-numbers'),
    clock,
    wait,
    signal,
  };
  return { patient, client, findings };
}

const MARKS: Record<Finding['state'], readonly [string, Style]> = {
  ok: ['ok   ', 'green'],
  wrong: ['WRONG', 'red'],
  unknown: ['?    ', 'yellow'],
};

function showFindings(printer: Printer, findings: readonly Finding[]): void {
  const count = findings.filter(({ state }) => state === 'wrong').length;
  const end = count === 0 ? 'Nothing is wrong.' : `Wrong: ${count} of ${findings.length}.`;
  const lines = findings.flatMap(({ check, state, says, cure }) => {
    const [mark, style] = MARKS[state];
    const line = `${printer.paint(style, mark)}  ${check.padEnd(11)}  ${printable(says)}`;
    return cure === undefined ? [line] : [line, `${' '.repeat(20)}→ ${printable(cure)}`];
  });
  printer.result({ wrong: count, findings }, [...lines, '', end]);
}
