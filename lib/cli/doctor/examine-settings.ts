import { readAddress } from '../../flowroute/client-options';
import type { FlowrouteClient } from '../../flowroute/client';
import type { Context } from '../command';
import { onCommandLine } from '../explain-failure';
import { readCallbackAddresses, readPublicUrl } from '../settings/callback-address';
import { openClient, readFrom, readNumber } from '../settings/carrier';
import { wrong, type Finding } from './finding';
import type { Patient } from './patient';

const DEFAULT_API = 'https://api.flowroute.com';
const CURE = 'Settings are listed by: passport-sms-2fa doctor --help.';

/** Reads every setting; what is wrong with one is a finding, and the others are checked on. */
export function examineSettings(context: Context): {
  patient: Patient;
  client: FlowrouteClient | undefined;
  findings: Finding[];
} {
  const { given, env, clock, signal } = context;
  const findings: Finding[] = [];
  const read = <T>(reader: () => T): T | undefined => {
    try {
      return reader();
    } catch (error) {
      findings.push(wrong('settings', onCommandLine((error as Error).message), CURE));
      return undefined;
    }
  };
  const client = read(() => openClient(context));
  const from = read(() => readFrom(context));
  const publicUrl = read(() => readPublicUrl(context));
  const addresses =
    publicUrl === undefined ? undefined : read(() => readCallbackAddresses(context));
  const to = given.text('to');
  const api = given.text('api') ?? env.FLOWROUTE_API ?? DEFAULT_API;
  const patient: Patient = {
    from,
    // A wrong one makes its finding above, with the client.
    baseUrl: readAddress(api)?.href,
    apiVersion: given.text('api-version') ?? 'v2.2',
    publicUrl,
    callbackAddresses: addresses ?? [],
    domain: given.text('domain'),
    appName: given.text('app-name'),
    codeLength: given.whole('code-length', 6, 10) ?? 6,
    testPhone: to === undefined ? undefined : readNumber('--to', to),
    showNumbers: given.flag('show-numbers'),
    clock,
    signal,
  };
  return { patient, client, findings };
}
