import type { FlowrouteClient } from '../../flowroute/client';
import { shownAddress } from '../terminal/printable';
import { OWN_KINDS } from '../texts/callbacks';
import { failureFinding } from './failure-finding';
import { ok, unknown, wrong, type Finding } from './finding';
import type { Patient } from './patient';

const SET_THEM = 'Set it: passport-sms-2fa callbacks set.';

/** Whether the carrier was told where this app takes answers and receipts. */
export async function checkCallbacks(
  client: FlowrouteClient,
  patient: Patient,
): Promise<Finding[]> {
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
