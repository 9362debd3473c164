import type { FlowrouteClient } from '../flowroute/client';
import type { Campaign } from '../core/challenge/message';
import { loadFactor } from './app-checks';
import { checkAccount, checkCallbacks, checkTexting } from './carrier-checks';
import { DONE, FAILED, type Command, type Context } from './command';
import { SHOW_NUMBERS, YES } from './command-line';
import { APP_OPTIONS, examineSettings } from './doctor';
import { ok, unknown, wrong, type Finding, type Patient } from './findings';
import { checkPage, checkReach } from './network-checks';
import {
  ADDRESS_OPTIONS,
  ADDRESS_SETTINGS,
  CARRIER_OPTIONS,
  CARRIER_SETTINGS,
  FROM,
  readNumber,
} from './settings';
import { campaignHere, checkTexts, formLines } from './text-checks';
import { printable, shownNumber, type Style } from './terminal';

export const goLive: Command = {
  name: 'go-live',
  summary: 'goes through all that a first real text needs, and checks what can be checked',
  usage: '',
  options: {
    app: {
      kind: 'text',
      value: '<module>',
      about: 'load it, and take texts, pages and budgets from the second factor that it exports',
    },
    ...APP_OPTIONS,
    terms: { kind: 'text', value: '<address>', about: 'the terms option of the app' },
    privacy: { kind: 'text', value: '<address>', about: 'the privacy option of the app' },
    support: { kind: 'text', value: '<address>', about: 'the support option of the app' },
    to: {
      kind: 'text',
      value: '<number>',
      about: 'your phone: a first text goes there, and is followed',
    },
    'only-number': {
      kind: 'flag',
      about: 'callbacks were set for the from number, not for the account',
    },
    ...ADDRESS_OPTIONS,
    ...FROM,
    yes: { ...YES.yes, about: 'ask nothing: print the list, and send the text of --to' },
    ...CARRIER_OPTIONS,
    ...SHOW_NUMBERS,
  },
  settings: [...CARRIER_SETTINGS, 'FLOWROUTE_FROM', ...ADDRESS_SETTINGS],
  details: [
    'On a terminal it goes step by step and asks what it cannot see; else, and with --yes or --json, it prints',
    'the list: ok, todo, and what cannot be checked. Exit code 1 where something is to do.',
  ],
  run: runGoLive,
};

const PROVISION =
  "See it in the portal (DIDs, Manage): numbers are not by default. No switch there? Ask Flowroute's support.";
const NO_TEXT = 'No text can go out yet.';
const FIREWALL =
  'Flowroute calls from 52.88.246.140 and 52.10.220.50, the only addresses that it has published.';
const FIREWALL_CURE =
  'Let them through firewall and proxy. webhooks({ addresses }) may name them; the token alone does, too, should they change.';
const RECEIPTS = 'Delivery receipts are off on an account until they are turned on.';
const RECEIPTS_CURE = "Turn them on in the portal, or ask Flowroute's support to.";

const TERRITORIES = [
  'US territories are countries of their own here. To text their numbers, add to allowedCountries:',
  "  'PR' Puerto Rico, 'GU' Guam, 'VI' US Virgin Islands, 'AS' American Samoa, 'MP' Northern Mariana Islands",
];

const FIRST_WEEK = [
  'Every day:  passport-sms-2fa doctor                     how many of the last texts failed, and why',
  '            passport-sms-2fa messages --since 1d --cost what they cost, by day and country',
  'In the app: the lines of logger, each with its cure; the events send_refused, delivery (failed),',
  '            opted_out, reported, and conversion_low: codes to new numbers that nobody enters.',
  'Who may look: the portal, its records and the receipts hold live codes in clear. Give few people a',
  '            login there, and log no body of a callback.',
];

/** One step of the way, with what was found, and what to copy into a form or to keep in mind. */
interface Step {
  title: string;
  findings: Finding[];
  lines?: readonly string[];
}

async function runGoLive(context: Context): Promise<number> {
  const { given, prompts, printer } = context;
  const examined = examineSettings(context);
  const { client, findings } = examined;
  const { testPhone, showNumbers } = examined.patient;
  const question = `Send a first text to ${shownNumber(testPhone, showNumbers)}?`;
  if (testPhone !== undefined && !given.flag('yes') && !(await prompts.confirm(question))) {
    printer.failure('Nothing was sent or checked.', {});
    return FAILED;
  }
  const app = given.text('app');
  const factor = app === undefined ? undefined : await loadFactor(app, context.env);
  const campaign = factor?.campaign?.() ?? campaignHere(context);
  const body = campaign?.samples[1];
  const patient = body === undefined ? examined.patient : { ...examined.patient, body };
  const account = client === undefined ? [] : await checkAccount(client, patient);
  const isOpen = account.every(({ state }) => state !== 'wrong');
  const askCarrier = async (
    ask: (open: FlowrouteClient, from: string) => Promise<Finding[]>,
  ): Promise<Finding[]> => {
    const { from } = patient;
    return client === undefined || from === undefined || !isOpen ? [] : ask(client, from);
  };
  const text = (phone: string | undefined): Promise<Finding[]> =>
    askCarrier(async (open, from) => [
      await checkTexting(open, from, { ...patient, testPhone: phone }),
    ]);
  const [seen] = await text(testPhone);
  const asks = prompts.isTerminal && !given.flag('yes') && !given.flag('json');
  const unset = given.flag('only-number') ? unknown : wrong;
  const steps: (() => Step | Promise<Step>)[] = [
    () => ({ title: 'The account', findings: [...findings, ...account] }),
    () => ({ title: 'The number', findings: numberFindings(patient.from, seen) }),
    () => registration(patient, campaign, factor !== undefined),
    async () => ({
      title: 'Callbacks',
      findings: [
        ...(await askCarrier((open) => checkCallbacks(open, patient, unset))),
        await checkReach(patient),
        unknown('reach', FIREWALL, FIREWALL_CURE),
        unknown('callbacks', RECEIPTS, RECEIPTS_CURE),
      ],
    }),
    () => budgets(campaign, factor !== undefined),
    async () => {
      const phone = asks && testPhone === undefined && seen !== undefined && (await ask(context));
      const [found] = phone === undefined || phone === false ? [seen] : await text(phone);
      return { title: 'A first text', findings: [firstText(found)] };
    },
    () => ({ title: 'The first week', findings: [], lines: FIRST_WEEK }),
  ];
  return walk(context, steps, { asks, campaign });
}

/** Of neither does the API say a word; a text that went out says both. */
function numberFindings(from: string | undefined, seen: Finding | undefined): Finding[] {
  const isTollFree = /^18(00|33|44|55|66|77|88)/.test(from ?? '');
  const what = isTollFree ? 'the toll-free number is verified' : 'the number is registered (10DLC)';
  if (seen?.state === 'ok') {
    return [ok('texting', `The number texts. ${seen.says}`), ok('registration', `So ${what}.`)];
  }
  const register = isTollFree
    ? 'Have it verified by Flowroute, with what stands below: until then all of its texts are blocked.'
    : 'Register a brand, and a campaign with the use case two-factor authentication (2FA), with Flowroute, and assign the number to it; what the form asks stands below. Texts of numbers without one are blocked.';
  if (seen?.state === 'wrong' && /10DLC|toll-free/.test(seen.cure ?? '')) {
    const says =
      'A text of this number did not get through (see "A first text"), and this may be why.';
    return [wrong('texting', says, PROVISION), wrong('registration', says, register)];
  }
  return [
    unknown(
      'texting',
      'Whether the number is provisioned for SMS the API does not say.',
      PROVISION,
    ),
    unknown('registration', `Whether ${what} the API does not say.`, register),
  ];
}

async function registration(
  patient: Patient,
  campaign: Campaign | undefined,
  isApp: boolean,
): Promise<Step> {
  const title = 'What to fill in';
  if (campaign === undefined) {
    const cure = 'Give --app ./second-factor.js, or --app-name, --domain, --terms and --privacy.';
    return { title, findings: [unknown('text', 'What the texts say is not known here.', cure)] };
  }
  // An app with texts that are too long does not start.
  const texts = isApp ? [ok('text', 'Each text fits into one.')] : checkTexts(patient);
  const answer =
    campaign.help === undefined
      ? wrong('text', 'HELP is not answered.', 'Carriers ask for it: leave help to webhooks().')
      : ok('text', 'HELP is answered where webhooks() is mounted.');
  const { terms, privacy } = campaign.consent;
  const pages = [
    await checkPage('terms', 'The page of the terms', terms, patient),
    await checkPage('privacy', 'The page of the privacy policy', privacy, patient),
  ];
  const lines = formLines(campaign, patient.publicUrl);
  return { title, findings: [...texts, answer, ...pages], lines };
}

function budgets(campaign: Campaign | undefined, isApp: boolean): Step {
  const [rate] = campaign?.overall ?? [];
  const cure =
    'Set what you would pay in a day: limits: { overall: [{ count: 500, seconds: 86_400 }] }.';
  const overall =
    rate !== undefined
      ? ok('budgets', `At most ${rate.count} texts in ${rate.seconds / 3_600} h altogether.`)
      : isApp
        ? wrong('budgets', 'limits.overall is not set: nothing bounds all texts together.', cure)
        : unknown('budgets', 'Whether limits.overall is set is not known here.', cure);
  const { allowedCountries = ['US', 'CA'] } = campaign ?? {};
  const where = `${allowedCountries.join(', ')} alone${isApp ? '' : ', by default'}`;
  const served = ok('budgets', `Texts go to numbers of ${where}.`);
  return { title: 'Budgets', findings: [overall, served], lines: TERRITORIES };
}

async function ask({ prompts }: Context): Promise<string | undefined> {
  const phone = await prompts.ask(
    'A phone of yours for a first text, 11 digits, or Enter for none: ',
  );
  return phone === '' ? undefined : readNumber('The number', phone);
}

/** What nobody has tried is to do: all that stands before it may look right and not be. */
function firstText(found: Finding | undefined): Finding {
  if (found === undefined) return wrong('texting', NO_TEXT, 'Mend the account first.');
  const isNone = found.state === 'unknown' && found.says.startsWith('No text');
  if (!isNone) return found;
  return wrong('texting', 'No text has gone out yet.', 'Send one: go-live --to <your phone>.');
}

const MARKS: Record<Finding['state'], readonly [string, Style]> = {
  ok: ['ok               ', 'green'],
  wrong: ['TODO             ', 'red'],
  unknown: ['cannot be checked', 'yellow'],
};
const STATES = { ok: 'ok', wrong: 'todo', unknown: 'cannot be checked' } as const;

async function walk(
  { given, printer, prompts }: Context,
  steps: readonly (() => Step | Promise<Step>)[],
  { asks, campaign }: { asks: boolean; campaign: Campaign | undefined },
): Promise<number> {
  const isJson = given.flag('json');
  const gone: Step[] = [];
  for (const [index, make] of steps.entries()) {
    const step = await make();
    const { title, findings, lines = [] } = step;
    const heading = [...(index === 0 ? [] : ['']), `${index + 1}. ${title}`];
    if (!isJson)
      printer.result({}, [...heading, ...lines.map((line) => `   ${printable(line)}`.trimEnd())]);
    for (const [at, finding] of findings.entries()) {
      const [mark, style] = MARKS[finding.state];
      const cure = finding.state === 'ok' ? undefined : finding.cure;
      const shown = [
        `   ${printer.paint(style, mark)}  ${printable(finding.says)}`,
        ...(cure === undefined ? [] : [`${' '.repeat(22)}→ ${printable(cure)}`]),
      ];
      if (!isJson) printer.result({}, shown);
      if (asks && finding.state === 'unknown' && (await prompts.confirm('   Is that done?'))) {
        findings[at] = { ...finding, state: 'ok' };
      }
    }
    gone.push(step);
  }
  const all = gone.flatMap(({ findings }) => findings);
  const count = (wanted: Finding['state']) => all.filter(({ state }) => state === wanted).length;
  const todo = count('wrong');
  const document = {
    todo,
    steps: gone.map(({ title, findings }) => ({
      title,
      findings: findings.map((each) => ({ ...each, state: STATES[each.state] })),
    })),
    campaign,
  };
  printer.result(document, [
    '',
    `${todo === 0 ? 'Nothing is left to do' : `To do: ${todo}`}; ok: ${count('ok')}; cannot be checked from here: ${count('unknown')}.`,
  ]);
  return todo === 0 ? DONE : FAILED;
}
