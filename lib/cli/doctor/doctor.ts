import type { FlowrouteClient } from '../../flowroute/client';
import type { Command, Context } from '../command';
import { DONE, FAILED } from '../command';
import { ADDRESS_OPTIONS, CARRIER_OPTIONS, FROM, SHOW_NUMBERS, YES } from '../line/common-options';
import { ADDRESS_SETTINGS, CARRIER_SETTINGS } from '../line/setting-names';
import { shownNumber } from '../terminal/printable';
import { checkAccount } from './check-account';
import { checkCallbacks } from './check-callbacks';
import { checkClock } from './check-clock';
import { checkReach } from './check-reach';
import { checkTexts } from './check-text';
import { checkTexting } from './check-texting';
import { examineSettings } from './examine-settings';
import type { Finding } from './finding';
import type { Patient } from './patient';
import { showFindings } from './show-findings';

export const doctor: Command = {
  name: 'doctor',
  summary: 'checks keys, from number, callbacks, clock and texts, and says what to mend',
  usage: '',
  options: {
    to: {
      kind: 'text',
      value: '<number>',
      about: 'send a test text there, to see that texts go out',
    },
    'app-name': { kind: 'text', value: '<name>', about: 'the appName option of the app' },
    domain: {
      kind: 'text',
      value: '<host>',
      about: 'the domain option of the app',
    },
    'code-length': { kind: 'text', value: '<digits>', about: 'limits.codeLength of the app (6)' },
    ...ADDRESS_OPTIONS,
    ...FROM,
    ...YES,
    ...CARRIER_OPTIONS,
    ...SHOW_NUMBERS,
  },
  settings: [...CARRIER_SETTINGS, 'FLOWROUTE_FROM', ...ADDRESS_SETTINGS],
  details: [
    'What the carrier answers to a test text, and what it means:',
    '  401          the keys are wrong: FLOWROUTE_ACCESS_KEY, FLOWROUTE_SECRET_KEY',
    '  403          the from number is not of this account, or not enabled for messaging',
    '  500 on v2    the number that gets it is not a complete one of 11 digits',
    '  400, 1110    its owner has opted out with STOP',
  ],
  run: runDoctor,
};

async function runDoctor(context: Context): Promise<number> {
  const { given, prompts, printer } = context;
  const { patient, client, findings } = examineSettings(context);
  const { testPhone, showNumbers } = patient;
  const question = `Send a test text to ${shownNumber(testPhone, showNumbers)}?`;
  if (testPhone !== undefined && !given.flag('yes') && !(await prompts.confirm(question))) {
    printer.failure('Nothing was sent or checked.', {});
    return FAILED;
  }
  const all = [
    ...findings,
    ...(client === undefined ? [] : await askCarrier(client, patient)),
    await checkReach(patient),
    ...checkTexts(patient),
  ];
  showFindings(printer, all);
  return all.some(({ state }) => state === 'wrong') ? FAILED : DONE;
}

async function askCarrier(client: FlowrouteClient, patient: Patient): Promise<Finding[]> {
  const { baseUrl, from } = patient;
  const clock = baseUrl === undefined ? [] : [await checkClock(baseUrl, patient)];
  const account = await checkAccount(client, patient);
  // Wrong keys and a carrier that is away fail every other call in the same way.
  if (account.some(({ check, state }) => check !== 'from' && state === 'wrong')) {
    return [...clock, ...account];
  }
  const texting = from === undefined ? [] : [await checkTexting(client, from, patient)];
  return [...clock, ...account, ...texting, ...(await checkCallbacks(client, patient))];
}
