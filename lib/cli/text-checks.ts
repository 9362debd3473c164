import { isIP } from 'node:net';
import { type Campaign, campaignOf, charactersOver, LONGEST_TEXT } from '../core/challenge/message';
import { DEFAULT_LIMITS } from '../core/limits';
import { createLocales } from '../locales/locales';
import { checkLink } from '../options/check-features';
import { checkDomain, checkText } from '../options/check-values';
import { checkWebhooks } from '../options/check-webhooks';
import type { Context } from './command';
import { onCommandLine } from './command-failure';
import { type Finding, ok, type Patient, unknown, wrong } from './findings';

/** The line of each text by which phones fill the code in, and the length of the longest text. */
export function checkTexts(patient: Patient): Finding[] {
  return [checked(() => checkDomainLine(patient)), checked(() => checkLength(patient))];
}

function checkDomainLine({ domain, publicUrl }: Patient): Finding {
  const host = checkDomain(domain);
  if (host === undefined) {
    const fit = nameOf(publicUrl) ?? '<host>';
    const cure = `Give the app its domain option, and this command --domain ${fit}.`;
    return unknown('text', 'Whether texts have a line for autofill is not known here.', cure);
  }
  const used = publicUrl?.hostname;
  if (used === undefined) {
    const cure = 'Set PUBLIC_URL to hold it against the address of the app.';
    return unknown('text', `Phones fill the code in at ${host}, wherever the app is.`, cure);
  }
  if (used === host || used.endsWith(`.${host}`)) {
    return ok('text', `Phones fill the code in at ${host} (last line: @${host} #code).`);
  }
  const cure = 'Use the name that people see in the address bar, or a parent of it.';
  return wrong('text', `Phones fill the code in at ${host}, but the app is at ${used}.`, cure);
}

/** Where the app's domain was not told, its address stands in for it. */
function checkLength({ domain, publicUrl, appName, codeLength }: Patient): Finding {
  const { challengeLifetime: lifetimeSeconds } = DEFAULT_LIMITS;
  const facts = { domain: checkDomain(domain) ?? nameOf(publicUrl), codeLength, lifetimeSeconds };
  const { sayText: say } = createLocales().best([]);
  if (appName === undefined) {
    const room = -charactersOver({ ...facts, appName: '' }, say);
    const says = `The app's name may have ${room} characters, and is not known here.`;
    return unknown('text', says, 'Give this command --app-name.');
  }
  const over = charactersOver({ ...facts, appName: checkText('--app-name', appName) }, say);
  const length = `The longest text has ${LONGEST_TEXT + over} of ${LONGEST_TEXT} characters`;
  if (domain === undefined) {
    const { domain: assumed } = facts;
    const where = assumed === undefined ? 'where there is no domain' : `with the domain ${assumed}`;
    return unknown('text', `${length} ${where}.`, 'Give this command --domain.');
  }
  if (over <= 0) return ok('text', `${length}.`);
  const cure = `Shorten the app's name by ${over} characters: a longer text is charged twice.`;
  return wrong('text', `${length}.`, cure);
}

/** Autofill knows names only: an IP address is none. */
function nameOf(publicUrl: URL | undefined): string | undefined {
  const host = publicUrl?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return host === '' || isIP(host) !== 0 ? undefined : host;
}

/** What the library would refuse to start with. */
function checked(check: () => Finding): Finding {
  try {
    return check();
  } catch (error) {
    return wrong('text', onCommandLine((error as Error).message));
  }
}

/** The texts of an app of which only options were given; `undefined` where not even its name was. */
export function campaignHere({ given }: Context): Campaign | undefined {
  const name = given.text('app-name');
  if (name === undefined) return undefined;
  const locales = createLocales();
  const facts = {
    locales,
    say: locales.best([]).sayText,
    appName: checkText('--app-name', name),
    domain: checkDomain(given.text('domain')),
    links: {
      terms: checkLink('terms', given.text('terms')),
      privacy: checkLink('privacy', given.text('privacy')),
      support: checkLink('support', given.text('support')),
    },
    limits: { ...DEFAULT_LIMITS, codeLength: given.whole('code-length', 6, 10) ?? 6 },
    allowedCountries: ['US', 'CA'],
  };
  return campaignOf(facts, checkWebhooks({}, facts), '/second-factor');
}

/** What the form for a campaign, or for a toll-free number, asks; one entry a line. */
export function formLines(campaign: Campaign, publicUrl: URL | undefined): string[] {
  const { appName, consent, enrollmentPath, help, samples } = campaign;
  const { terms, privacy, support } = consent;
  const whole = (path: string): string =>
    URL.canParse(path, publicUrl?.href) ? new URL(path, publicUrl?.href).href : path;
  const entries: [name: string, value: string | undefined][] = [
    ['Use case', 'two-factor authentication (2FA), nothing else; no marketing'],
    ['Description', `Codes for users of ${appName} who sign in or confirm a change.`],
    [
      'Opt-in',
      `signed-in users type their number in at ${whole(enrollmentPath)}, and agree there to:`,
    ],
    ['', `"${consent.text}"`],
    ...samples.map((text, index): [string, string] => [`Sample ${index + 1}`, text]),
    ['Opt-in words', campaign.startWords.join(', ')],
    ['Stop words', campaign.stopWords.join(', ')],
    ['Stop answer', 'by Flowroute itself, to STOP, in words of its own'],
    ['Help words', campaign.helpWords.join(', ')],
    ['Help answer', help],
    ['Terms', terms && whole(terms)],
    ['Privacy', privacy && whole(privacy)],
    ['Support', support && whole(support)],
    ['In texts', 'no links (the line with @ is for autofill), no phone numbers, no age limit'],
  ];
  return entries.flatMap(([name, value = '(none)']) =>
    // The texts have lines of their own.
    value.split('\n').map((line, index) => `${(index === 0 ? name : '').padEnd(13)} ${line}`),
  );
}
