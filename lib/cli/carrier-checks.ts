import { DAY_MS } from '../durations';
import { safeWords } from '../errors';
import type { AccountNumber, MessageRecord } from '../flowroute/carrier-records';
import type { FlowrouteClient } from '../flowroute/client';
import { FlowrouteError } from '../flowroute/flowroute-error';
import { cureOfWords } from '../flowroute/refusals';
import type { CallbackKind } from '../flowroute/requests';
import { ALL_KINDS } from './callback-setup';
import { onCommandLine, toldOf } from './command-failure';
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
export async function checkAccount(client: FlowrouteClient, patient: Patient): Promise<Finding[]> {
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

/** Of how many days the texts are looked at: of a busy number the last two show enough. */
const FEW_DAYS = 2;
const MOST_DAYS = 30;
/** Of an account that sends much, the first few tell as much as all. */
const MOST_TEXTS = 200;
/** How many of the newest texts are told of. */
const LAST_TEXTS = 20;
const TEST_TEXT = 'A test of passport-sms-2fa. There is nothing to do.';

/**
 * Whether the from number is able to text. The API has no word for it, so the texts of the last weeks
 * are looked at; where the operator names a phone, one is sent and followed.
 */
export function checkTexting(
  client: FlowrouteClient,
  from: string,
  patient: Patient,
): Promise<Finding> {
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
  patient: Patient,
): Promise<Finding> {
  const { signal, showNumbers, body = TEST_TEXT } = patient;
  const { id } = await client.send({ from, to, body }, { signal });
  const taken = `Flowroute took a test text to ${shownNumber(to, showNumbers)}`;
  const look = `See that it arrives on the phone${id === undefined ? '' : `, or: passport-sms-2fa lookup ${id}`}.`;
  if (id === undefined) return unknown('texting', `${taken}, and gave it no id.`, look);
  let record: MessageRecord | undefined;
  try {
    record = await followText(client, id, patient);
  } catch (error) {
    if (!(error instanceof FlowrouteError) || signal.aborted) throw error;
    const { happened } = toldOf(error);
    return unknown('texting', `${taken}; how far it got cannot be looked up. ${happened}`, look);
  }
  const told = record && wordsOf(record);
  const words = told === undefined ? '' : ` It says: ${told}.`;
  switch (record?.delivery) {
    case 'delivered':
      return ok('texting', `${taken}, and it was delivered.${words}`);
    case 'failed':
      return wrong('texting', `${taken}, and it failed.${words}`, cureOf(record));
    case 'sent':
      return unknown(
        'texting',
        `${taken}, and it is on its way; that the phone has it nobody has said, as many phones never do.${words}`,
        look,
      );
    default:
      return unknown('texting', `${taken}. No receipt came in ${FOLLOWED} s.`, look);
  }
}

/** When a text is looked up again, in seconds: half a minute altogether. */
const PAUSES = [1, 2, 3, 4, 5, 5, 5, 5];
const FOLLOWED = PAUSES.reduce((all, pause) => all + pause);
/** How much longer once the carrier of the phone has it, in seconds. */
const FOLLOWED_FROM_THERE = 6;

/** Looks a text up until its end is known, or nothing more can be expected. */
async function followText(
  client: FlowrouteClient,
  id: string,
  { wait, signal }: Patient,
): Promise<MessageRecord | undefined> {
  let record: MessageRecord | undefined;
  let [waited, end] = [0, FOLLOWED];
  for (const pause of PAUSES) {
    await wait(pause * 1_000, signal);
    waited += pause;
    record = (await client.message(id, { signal })) ?? record;
    const { delivery, receipts = [] } = record ?? {};
    if (delivery === 'delivered' || delivery === 'failed') break;
    // Flowroute documents "message buffered" as an end: little comes after it.
    const isFar = delivery === 'sent' && receipts.some(({ level }) => (level ?? 0) > 1);
    if (isFar) end = Math.min(end, waited + FOLLOWED_FROM_THERE);
    if (waited >= end) break;
  }
  return record;
}

/** What the carrier said of a text last, or of its failure; fit for a terminal. */
function wordsOf({ receipts, status, delivery }: MessageRecord): string | undefined {
  const receipt = receipts.find((each) => each.delivery === delivery) ?? receipts[0];
  const { description, status: word = status, code } = receipt ?? {};
  // The code is one: of four digits it would be hidden among words.
  const what = [word === undefined ? '' : safeWords(word), code ?? ''].join(' ').trim();
  if (description === undefined) return what === '' ? undefined : what;
  return what === '' ? safeWords(description) : `${safeWords(description)} (${what})`;
}

function cureOf(record: MessageRecord): string {
  const words = wordsOf(record) ?? '';
  const known = cureOfWords(words, record.to ?? '');
  if (known !== undefined) return onCommandLine(known);
  return `Ask Flowroute's support about the text ${record.id}, and see that the number is registered: passport-sms-2fa go-live.`;
}

/** How the newest texts of the number fared, with the carrier's words for those that failed. */
async function lookBack(client: FlowrouteClient, from: string, patient: Patient): Promise<Finding> {
  const texts = await lastTexts(client, from, patient);
  const failed = texts.filter(({ delivery }) => delivery === 'failed');
  const [newest] = failed;
  if (texts.length === 0) {
    return unknown(
      'texting',
      `No text of the from number was found in the last ${MOST_DAYS} days, so nobody knows whether it is able to text.`,
      'Send a test text: doctor --to <your phone>.',
    );
  }
  if (newest === undefined) {
    const last = texts.length === 1 ? 'The last text' : `None of the last ${texts.length} texts`;
    return ok(
      'texting',
      `${last} of the from number ${texts.length === 1 ? 'went out' : 'failed'}.`,
    );
  }
  const says = `${failed.length} of the last ${texts.length} texts of the from number failed: ${tally(failed)}.`;
  const cure = cureOf(newest);
  if (failed.length > 1 && failed.length * 2 >= texts.length) return wrong('texting', says, cure);
  return failed.length === texts.length
    ? unknown('texting', says, `${cure} Or send a test text: doctor --to <your phone>.`)
    : { ...ok('texting', says), cure };
}

/** The carrier's order is not documented, so it is by time. */
async function lastTexts(
  client: FlowrouteClient,
  from: string,
  { clock, signal }: Patient,
): Promise<MessageRecord[]> {
  let own: MessageRecord[] = [];
  for (const days of [FEW_DAYS, MOST_DAYS]) {
    own = [];
    const range = { start: new Date(clock() - days * DAY_MS), limit: MOST_TEXTS };
    for await (const record of client.messages(range, { signal })) {
      if (record.direction === 'outbound' && record.from === `+${from}`) own.push(record);
    }
    if (own.length >= LAST_TEXTS) break;
  }
  return own.sort((a, b) => (b.at ?? 0) - (a.at ?? 0)).slice(0, LAST_TEXTS);
}

/** Why texts failed, in the carrier's words, the most frequent first. */
function tally(failed: readonly MessageRecord[]): string {
  const counts = new Map<string, number>();
  for (const record of failed) {
    const words = wordsOf(record) ?? 'no reason';
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([words, count]) => `${count} × "${words}"`)
    .join(', ');
}

const SET_THEM = 'Set them: passport-sms-2fa callbacks set.';

/**
 * Whether the carrier was told where this app takes answers and receipts. `unset` is what to make of an
 * account that knows no such address: its numbers may have their own, which cannot be read.
 */
export async function checkCallbacks(
  client: FlowrouteClient,
  patient: Patient,
  unset: typeof unknown = unknown,
): Promise<Finding[]> {
  const { callbackAddresses, apiVersion, signal } = patient;
  if (apiVersion === 'v2') {
    const cure = 'Leave --api-version out, or look them up in the portal.';
    return [unknown('callbacks', 'v2 of the API does not know callbacks.', cure)];
  }
  if (callbackAddresses.length === 0) {
    const cure = 'Set PUBLIC_URL and SECOND_FACTOR_SECRET as the app has them.';
    return [unset('callbacks', 'Where the carrier should call is not known here.', cure)];
  }
  const found: [name: string, Finding][] = [];
  for (const kind of ALL_KINDS) {
    const finding = await client
      .callback(kind, { signal })
      .then(({ url }) => compare(url ?? '', callbackAddresses, unset))
      .catch((error: unknown) => withoutPictures(kind, failureFinding('callbacks', error)));
    found.push([KINDS[kind], finding]);
  }
  // What is so of several kinds is said once.
  const whats = new Set(found.map(([, { says }]) => says));
  return [...whats].map((says) => {
    const alike = found.filter(([, finding]) => finding.says === says);
    const names = alike.map(([name]) => name).join(', ');
    return { ...(alike[0]?.[1] ?? unset('callbacks', says)), says: `${names}: ${says}` };
  });
}

/** An account may have no pictures at all; codes are texted without. */
function withoutPictures(kind: CallbackKind, finding: Finding): Finding {
  return kind.startsWith('mms') ? { ...finding, state: 'unknown' } : finding;
}

const KINDS: Record<CallbackKind, string> = {
  sms: 'Answers (sms)',
  mms: 'answers with a picture (mms)',
  sms_dlr: 'receipts (sms_dlr)',
  mms_dlr: 'receipts of pictures (mms_dlr)',
};

function compare(
  url: string,
  [newest, ...older]: readonly string[],
  unset: typeof unknown,
): Finding {
  if (url === newest) return ok('callbacks', 'they go to this app.');
  if (older.includes(url)) {
    return wrong('callbacks', 'they still go by an older secret.', SET_THEM);
  }
  const cure = `${SET_THEM} Where they were set with --only-number, nothing is amiss.`;
  const whither =
    url === ''
      ? 'the account has no address for them'
      : `they go to ${shownAddress(url)}, which is not this app`;
  return unset('callbacks', `${whither}, unless the number has its own.`, cure);
}
