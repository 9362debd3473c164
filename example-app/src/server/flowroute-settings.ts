import { readAddress, readText } from './environment';
import { SettingsError } from './settings-error';

export interface FlowrouteSettings {
  accessKey: string;
  secretKey: string;
  from: string;
  /** Another address than the carrier's own, such as a simulator that runs elsewhere. */
  baseUrl?: string;
}

const NAMES = ['FLOWROUTE_ACCESS_KEY', 'FLOWROUTE_SECRET_KEY', 'FLOWROUTE_FROM'] as const;

/** The carrier's account, whole or not at all: half of one is a mistake that must not pass silently. */
export function readFlowroute(env: NodeJS.ProcessEnv): FlowrouteSettings | undefined {
  const [accessKey, secretKey, from] = NAMES.map((name) => readText(env, name));
  const baseUrl = readAddress(
    env,
    'FLOWROUTE_API',
    ['https:', 'http:'],
    'https://api.flowroute.com',
  );
  if (accessKey === undefined || secretKey === undefined || from === undefined) {
    refuseHalf(env, baseUrl !== undefined);
    return undefined;
  }
  if (!/^\+?\d{11}$/.test(from)) {
    throw new SettingsError(
      `FLOWROUTE_FROM must be one of your Flowroute numbers, 11 digits with the country code, ` +
        `but it is '${from}'. Set it to one such as 12065550100.`,
    );
  }
  return {
    accessKey,
    secretKey,
    from: from.replace('+', ''),
    ...(baseUrl && { baseUrl: baseUrl.href.replace(/\/$/, '') }),
  };
}

function refuseHalf(env: NodeJS.ProcessEnv, hasAddress: boolean): void {
  const missing = NAMES.filter((name) => readText(env, name) === undefined);
  if (missing.length === NAMES.length && !hasAddress) return;
  const given = [...NAMES, 'FLOWROUTE_API'].filter((name) => readText(env, name) !== undefined);
  throw new SettingsError(
    `${given.join(' and ')} ${given.length === 1 ? 'is' : 'are'} set, but ${missing.join(' and ')} ` +
      `${missing.length === 1 ? 'is' : 'are'} not. Set all three to text through Flowroute, ` +
      `or none of them to use the simulator.`,
  );
}
