import type { FlowrouteClient } from '../../flowroute/client';
import { shownNumber } from '../terminal/printable';
import { failureFinding } from './failure-finding';
import { ok, unknown, type Finding } from './finding';
import type { Patient } from './patient';

const LOOK_BACK_DAYS = 30;
/** Of an account that sends much, the first few tell as much as all. */
const MOST_LOOKED_AT = 200;
const TEST_TEXT = 'A test of passport-sms-2fa. There is nothing to do.';

/**
 * Whether the from number is able to text. The API has no word for it, so a text of the last weeks
 * is looked for; where the operator names a phone, one is sent.
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
  const range = { start, limit: MOST_LOOKED_AT };
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
