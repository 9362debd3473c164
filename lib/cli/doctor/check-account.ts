import type { AccountNumber } from '../../flowroute/carrier-records';
import type { FlowrouteClient } from '../../flowroute/client';
import { FlowrouteError } from '../../flowroute/flowroute-error';
import { shownNumber } from '../terminal/printable';
import { failureFinding } from './failure-finding';
import { ok, unknown, wrong, type Finding } from './finding';
import type { Patient } from './patient';

/** `contains` a whole number matches that number alone; more is no answer to it. */
const MOST_LOOKED_AT = 1_000;

/** Whether the keys open the account, and whether the from number is on it. */
export async function checkAccount(client: FlowrouteClient, patient: Patient): Promise<Finding[]> {
  const { from, signal, showNumbers } = patient;
  let found: AccountNumber | undefined;
  let seen = 0;
  try {
    for await (const each of client.numbers({ contains: from }, { signal })) {
      found = each;
      seen += 1;
      if (from === undefined || each.number === `+${from}` || seen >= MOST_LOOKED_AT) break;
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
