import { shownAddress } from '../terminal/printable';
import { limited, probeFailure } from './probe';
import { ok, unknown, wrong, type Finding } from './finding';
import type { Patient } from './patient';

const LOCAL =
  /^(localhost|127\.[\d.]+|\[::1\]|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|.*\.local)$/;
/** The webhooks answer this to a callback that says nothing, and only where the token is right. */
const UNDERSTOOD = 400;

/** Whether the app's webhooks answer at the address that the carrier is to call. */
export async function checkReach(patient: Patient): Promise<Finding> {
  const [address] = patient.callbackAddresses;
  if (address === undefined) {
    const cure = 'Set PUBLIC_URL and SECOND_FACTOR_SECRET as the app has them.';
    return unknown('reach', 'Where the app takes callbacks is not known here.', cure);
  }
  const { protocol, hostname } = new URL(address);
  const simulated = mayBeSimulated(patient);
  if (LOCAL.test(hostname) && !simulated) {
    const cure = 'Set PUBLIC_URL to an address that the internet can reach.';
    return wrong('reach', `The carrier cannot reach ${hostname}, which is a local name.`, cure);
  }
  if (protocol !== 'https:' && !simulated) {
    const cure = 'Set PUBLIC_URL to the https address: callbacks hold texts and a token.';
    return wrong('reach', 'PUBLIC_URL is not an https address.', cure);
  }
  return knock(address, patient);
}

/** A carrier on this machine calls whatever is on it; of an unknown one nothing can be said. */
function mayBeSimulated({ baseUrl }: Patient): boolean {
  return baseUrl === undefined || LOCAL.test(new URL(baseUrl).hostname);
}

async function knock(address: string, { signal }: Patient): Promise<Finding> {
  const shown = shownAddress(address);
  try {
    const { status } = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      redirect: 'manual',
      signal: limited(signal),
    });
    return readAnswer(status, shown);
  } catch (error) {
    signal.throwIfAborted();
    const cure = 'Start the app; check PUBLIC_URL, DNS, firewall, proxy and certificate.';
    return wrong('reach', `${shown} cannot be reached (${probeFailure(error)}).`, cure);
  }
}

function readAnswer(status: number, shown: string): Finding {
  if (status === UNDERSTOOD) return ok('reach', `The app's webhooks answer at ${shown}.`);
  if (status === 404) {
    return wrong(
      'reach',
      `Nothing takes callbacks at ${shown} (404).`,
      'Mount webhooks() there (--webhook-path says where it is), give the app and this command the same ' +
        'SECOND_FACTOR_SECRET, and mind that webhooks({ addresses }) lets nobody else in.',
    );
  }
  if (status >= 300 && status < 400) {
    const cure = 'Set PUBLIC_URL to where it leads: the carrier does not follow.';
    return wrong('reach', `${shown} answers with a redirect (${status}).`, cure);
  }
  return wrong(
    'reach',
    `${shown} answers ${status} before the webhooks get the request.`,
    'Mount webhooks() before session(), CSRF and sign-in, and let its path through any proxy.',
  );
}
