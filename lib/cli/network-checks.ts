import { ok, unknown, wrong, type Finding, type Patient } from './findings';
import { printable, shownAddress } from './terminal';

/** The Date header has whole seconds, and the answer takes its time; in milliseconds. */
const TOLERATED = 10_000;

/** Whether this machine's clock agrees with the carrier's: codes expire by it. */
export async function checkClock(baseUrl: string, { clock, signal }: Patient): Promise<Finding> {
  const before = clock();
  let date: string | null;
  try {
    const answer = await fetch(baseUrl, {
      method: 'HEAD',
      redirect: 'manual',
      signal: limited(signal),
    });
    date = answer.headers.get('date');
  } catch (error) {
    signal.throwIfAborted();
    const cure = 'Check FLOWROUTE_API, name resolution, firewall and proxy.';
    return unknown('clock', `The carrier did not say its time (${probeFailure(error)}).`, cure);
  }
  const carrier = Date.parse(date ?? '');
  if (Number.isNaN(carrier)) return unknown('clock', 'The carrier did not say its time.');
  const ahead = (before + clock()) / 2 - carrier;
  if (Math.abs(ahead) <= TOLERATED) return ok('clock', 'The clock agrees with the carrier.');
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  const cure = 'Have it set from the network (NTP), on every machine that runs the app.';
  return wrong('clock', `The clock is ${seconds} s ${ahead > 0 ? 'fast' : 'slow'}.`, cure);
}

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

/** Whether anybody can read a page that a carrier's form asks for, such as the terms. */
export async function checkPage(
  option: string,
  what: string,
  given: string | undefined,
  patient: Patient,
): Promise<Finding> {
  const base = patient.publicUrl?.href;
  if (given === undefined) {
    const cure = `The form asks for it. Give the app its ${option} option, and this command --app or --${option}.`;
    return wrong('pages', `${what} has no address.`, cure);
  }
  if (!URL.canParse(given, base)) {
    return unknown('pages', `${what} is at ${given}, of an app whose address is not known here.`);
  }
  const address = new URL(given, base);
  const { href, protocol, hostname } = address;
  const shown = printable(`${address.origin}${address.pathname}`);
  if (!mayBeSimulated(patient) && (protocol !== 'https:' || LOCAL.test(hostname))) {
    const cure = 'Give an https address that the internet can reach: the carrier looks at it.';
    return wrong('pages', `${what} at ${shown} cannot be read by others.`, cure);
  }
  try {
    const { status, body } = await fetch(href, { signal: limited(patient.signal) });
    await body?.cancel();
    if (status === 200) return ok('pages', `${what}: ${shown}`);
    const cure = 'It must be open to everybody, without a sign-in.';
    return wrong('pages', `${what} at ${shown} answers ${status}.`, cure);
  } catch (error) {
    patient.signal.throwIfAborted();
    const cure = 'Publish it there, or name where it is.';
    return wrong('pages', `${what} at ${shown} cannot be reached (${probeFailure(error)}).`, cure);
  }
}

const PATIENCE_MS = 5_000;

/** Ends a request of the doctor's own: at Ctrl-C, and after a while. */
function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
}

/** Why there was no answer. Only the code: messages may hold the address, and it a secret. */
function probeFailure(error: unknown): string {
  const { name, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1_000} s`;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? 'no code';
}
