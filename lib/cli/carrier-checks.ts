import type { AccountNumber } from '../flowroute/carrier-records';
import type { FlowrouteClient } from '../flowroute/client';
import { FlowrouteError } from '../flowroute/flowroute-error';
import { OWN_KINDS } from './callback-setup';
import { failureFinding, ok, unknown, wrong, type Finding, type Patient } from './findings';
import { checkClock } from './network-checks';
import { shownAddress, shownNumber } from './terminal';

/** Every check that asks the carrier. */
export async function askCarrier(client: FlowrouteClient, patient: Patient): Promise<Finding[]> {
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

/** `contains` a whole number matches that number alone; more is no answer to it. */
const MOST_NUMBERS = 1_000;

/** Whether the keys open the account, and whether the from number is on it. */
async function checkAccount(client: FlowrouteClient, patient: Patient): Promise<Finding[]> {
  const { from, signal, showNumbers } = patient;
  let found: AccountNumber | undefined;
  let seen = 0;
  try {
    for await (const each of client.numbers({ contains: from }, { signal })) {
      found = each;
      seen += 1;
      if (from === undefined || each.number === `+${from}` || seen >= MOST_NUMBERS) break;
    }
  } catch (error) {
    return [explainRefusal(error)];
  }
  const credentials = ok('credentials', 'Flowroute takes the keys.');
  if (from === undefined) return [credentials];
  const shown = shownNumber(from, showNumbers);
  if (found?.number !== `+${from}`) {
    const cure =
      'Set FLOWROUTE_FROM to a number of this account, 11 digits, or buy it in the portal.';
    return [credentials, wrong('from', `${shown} is not on this account.`, cure)];
  }
  const kind = found.type === undefined ? '' : ` (${found.type})`;
  return [credentials, ok('from', `${shown} is on this account${kind}.`)];
}

/** Keys may be good for texts and yet not for the list of numbers. */
function explainRefusal(error: unknown): Finding {
  const { status, reason } = error instanceof FlowrouteError ? error : {};
  if (reason === 'credentials_rejected') return failureFinding('credentials', error);
  if (status !== 403 && status !== 404) return failureFinding('carrier', error);
  return unknown(
    'from',
    `The account's numbers cannot be listed (${status}).`,
    'Send a test text with --to to see whether the from number works.',
  );
}

const LOOK_BACK_DAYS = 30;
/** Of an account that sends much, the first few tell as much as all. */
const MOST_TEXTS = 200;
const TEST_TEXT = 'A test of passport-sms-2fa. There is nothing to do.';

/**
 * Whether the from number is able to text. The API has no word for it, so a text of the last weeks
 * is looked for; where the operator names a phone, one is sent.
 */
function checkTexting(client: FlowrouteClient, from: string, patient: Patient): Promise<Finding> {
  const { testPhone } = patient;
  const finding =
    testPhone === undefined
      ? lookBack(client, from, patient)
      : sendTest(client, { from, to: testPhone }, patient);
  return finding.catch((error: unknown) => failureFinding('texting', error));
}

async function sendTest(
  client: FlowrouteClient,
  { from, to }: { from: string; to: string },
  { signal, showNumbers }: Patient,
): Promise<Finding> {
  const { id } = await client.send({ from, to, body: TEST_TEXT }, { signal });
  const shown = shownNumber(to, showNumbers);
  const cure = `See that it arrives on the phone${id === undefined ? '' : `, or: passport-sms-2fa lookup ${id}`}.`;
  return { ...ok('texting', `Flowroute took a test text to ${shown}.`), cure };
}

async function lookBack(
  client: FlowrouteClient,
  from: string,
  { clock, signal }: Patient,
): Promise<Finding> {
  const start = new Date(clock() - LOOK_BACK_DAYS * 86_400_000);
  const range = { start, limit: MOST_TEXTS };
  for await (const record of client.messages(range, { signal })) {
    const own = record.direction === 'outbound' && record.from === `+${from}`;
    if (own && record.delivery !== 'failed') {
      return ok('texting', `The from number has texted in the last ${LOOK_BACK_DAYS} days.`);
    }
  }
  return unknown(
    'texting',
    `No text of the from number was found in the last ${LOOK_BACK_DAYS} days, so nobody knows whether it is able to text.`,
    'Send a test text: doctor --to <your phone>.',
  );
}

const SET_THEM = 'Set it: passport-sms-2fa callbacks set.';

/** Whether the carrier was told where this app takes answers and receipts. */
async function checkCallbacks(client: FlowrouteClient, patient: Patient): Promise<Finding[]> {
  const { callbackAddresses, apiVersion, signal } = patient;
  if (apiVersion === 'v2') {
    const cure = 'Leave --api-version out, or look them up in the portal.';
    return [unknown('callbacks', 'v2 of the API does not know callbacks.', cure)];
  }
  if (callbackAddresses.length === 0) {
    const cure = 'Set PUBLIC_URL and SECOND_FACTOR_SECRET as the app has them.';
    return [unknown('callbacks', 'Where the carrier should call is not known here.', cure)];
  }
  const findings: Finding[] = [];
  for (const kind of OWN_KINDS) {
    const finding = await client
      .callback(kind, { signal })
      .then(({ url }) => compare(kind, url ?? '', callbackAddresses))
      .catch((error: unknown) => failureFinding('callbacks', error));
    findings.push(finding);
  }
  return findings;
}

function compare(kind: string, url: string, [newest, ...older]: readonly string[]): Finding {
  const what = kind === 'sms' ? 'Answers to texts' : 'Delivery receipts';
  if (url === newest) return ok('callbacks', `${what} go to this app.`);
  if (older.includes(url)) {
    return wrong('callbacks', `${what} still go by an older secret.`, SET_THEM);
  }
  // The account's setting is not the only one: numbers may have their own, which cannot be read.
  const cure = `${SET_THEM} Where it was set with --only-number, nothing is amiss.`;
  const whither =
    url === ''
      ? 'go nowhere: the account has no address for them'
      : `go to ${shownAddress(url)}, which is not this app`;
  return unknown('callbacks', `${what} ${whither}, unless the number has its own.`, cure);
}
