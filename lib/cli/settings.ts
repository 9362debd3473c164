import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { createKeyring } from '../core/keyring';
import { typedNumber } from '../core/typed';
import { FlowrouteClient } from '../flowroute/client';
import type { FlowrouteAccountOptions } from '../flowroute/client-options';
import { readNorthAmericanNumber } from '../flowroute/wire';
import { kindOf, shown } from '../misuse';
import { checkPath, checkSecrets } from '../options/check-values';
import { UsageError } from './command-failure';
import type { Given, OptionSpecs } from './command-line';

/** What the environment or a file may set, for the help. */
export const SETTINGS = {
  FLOWROUTE_ACCESS_KEY: 'the API access key of the account',
  FLOWROUTE_SECRET_KEY: 'the API secret key that belongs to it',
  FLOWROUTE_FROM: 'a number of the account, 11 digits; --from goes before it',
  FLOWROUTE_API: 'where the API is; --api goes before it',
  PUBLIC_URL: 'where the app is reached; --public-url goes before it',
  SECOND_FACTOR_SECRET: 'the secret of the app; several with commas between, newest first',
  SIMULATOR_PORT: 'where the simulator listens; --port goes before it',
} as const satisfies Record<string, string>;

export type SettingName = keyof typeof SETTINGS;

/** Commands that call the carrier go by these. */
export const CARRIER_SETTINGS = [
  'FLOWROUTE_ACCESS_KEY',
  'FLOWROUTE_SECRET_KEY',
  'FLOWROUTE_API',
] as const satisfies readonly SettingName[];

/** Commands that need to know where the carrier calls back go by these, too. */
export const ADDRESS_SETTINGS = [
  'PUBLIC_URL',
  'SECOND_FACTOR_SECRET',
] as const satisfies readonly SettingName[];

/** Commands that call the carrier take these. */
export const CARRIER_OPTIONS = {
  api: {
    kind: 'text',
    value: '<address>',
    about: 'where the API is (FLOWROUTE_API; https://api.flowroute.com)',
  },
  'api-version': { kind: 'text', value: '<version>', about: 'v2, v2.1 or v2.2 (the default)' },
} as const satisfies OptionSpecs;

export const FROM = {
  from: {
    kind: 'text',
    value: '<number>',
    about: 'a number of the account, 11 digits (FLOWROUTE_FROM)',
  },
} as const satisfies OptionSpecs;

/** Commands that need to know where the carrier calls back. */
export const ADDRESS_OPTIONS = {
  'public-url': {
    kind: 'text',
    value: '<address>',
    about: 'where the app is reached (PUBLIC_URL)',
  },
  'webhook-path': {
    kind: 'text',
    value: '<path>',
    about: 'where webhooks() is mounted (/webhooks/flowroute)',
  },
} as const satisfies OptionSpecs;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where settings come from: an option goes before the environment. */
export interface Sources {
  given: Given;
  /** The environment; what is empty there is not set. */
  env: Environment;
}

/** The environment, and below it a file. What is set to nothing is not set. */
export function readEnvironment(env: Environment, file: string | undefined): Environment {
  const below = file === undefined ? {} : readFile(file);
  return { ...withoutEmpty(below), ...withoutEmpty(env) };
}

function readFile(file: string): Environment {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'There is no such file here' : `It cannot be read (${code})`;
    throw new UsageError(
      `--settings: ${file}: ${why}. Name a file with lines such as FLOWROUTE_FROM=12065550100.`,
    );
  }
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));
}

/** Whose account it is; `undefined` where no keys are set at all. */
export function readAccount({ given, env }: Sources): FlowrouteAccountOptions | undefined {
  const { FLOWROUTE_ACCESS_KEY: accessKey, FLOWROUTE_SECRET_KEY: secretKey, FLOWROUTE_API } = env;
  if (accessKey === undefined && secretKey === undefined) return undefined;
  if (accessKey === undefined || secretKey === undefined) {
    const missing = accessKey === undefined ? 'FLOWROUTE_ACCESS_KEY' : 'FLOWROUTE_SECRET_KEY';
    throw new UsageError(`${missing} is not set; the two keys belong together.`);
  }
  const apiVersion = given.text('api-version') as FlowrouteAccountOptions['apiVersion'];
  return { accessKey, secretKey, baseUrl: given.text('api') ?? FLOWROUTE_API, apiVersion };
}

/** A client for the account; misuse where there are no keys. */
export function openClient(sources: Sources): FlowrouteClient {
  const account = readAccount(sources);
  // The commands hand in a signal for Ctrl-C, which is no limit; this one is.
  if (account !== undefined) return new FlowrouteClient({ ...account, timeoutMs: 5_000 });
  throw new UsageError(
    'FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY are not set. Set them in the environment, or name ' +
      'a file with --settings; "simulate" starts a carrier to try things with and says its keys.',
  );
}

/** The number that texts come from, 11 digits. */
export function readFrom({ given, env }: Sources): string {
  const from = given.text('from') ?? env.FLOWROUTE_FROM;
  if (from !== undefined) return readNumber('FLOWROUTE_FROM (--from)', from);
  throw new UsageError(
    'Say which number it is: --from or FLOWROUTE_FROM, 11 digits such as 12065550100.',
  );
}

/** The value stays out of the error: it may be anybody's number. */
export function readNumber(name: string, value: string): string {
  const number = readNorthAmericanNumber(typedNumber(value));
  if (number !== undefined) return number;
  throw new UsageError(
    `${name} is ${kindOf(value)}. Give a US or Canadian number of 11 digits, with its leading 1, such as 12065550100.`,
  );
}

/** Where the app is reached. */
export function readPublicUrl({ given, env }: Sources): URL | undefined {
  const value = given.text('public-url') ?? env.PUBLIC_URL;
  if (value === undefined) return undefined;
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return new URL(value);
  throw new UsageError(
    `PUBLIC_URL (--public-url) is ${value.includes('@') ? kindOf(value) : shown(value)}. Give an address such as https://bank.example.`,
  );
}

/**
 * Where the carrier should call, one address a secret, the one of the newest first. None where the
 * settings do not say.
 */
export function readCallbackAddresses(sources: Sources): string[] {
  const { given, env } = sources;
  const publicUrl = readPublicUrl(sources);
  const path = checkPath(
    '--webhook-path',
    given.text('webhook-path') ?? '/webhooks/flowroute',
    '/webhooks/flowroute',
  );
  if (publicUrl === undefined || env.SECOND_FACTOR_SECRET === undefined) return [];
  const secrets = checkSecrets(env.SECOND_FACTOR_SECRET.split(',').map((each) => each.trim()));
  const base = `${publicUrl.origin}${publicUrl.pathname}`.replace(/\/+$/, '');
  return createKeyring(secrets).webhookTokens.map(
    (token) => `${base}${path.replace(/\/+$/, '')}/${token}`,
  );
}

/** The address of the newest secret, which the carrier is to be told. */
export function wantedCallback(sources: Sources): string {
  const [wanted] = readCallbackAddresses(sources);
  if (wanted !== undefined) return wanted;
  throw new UsageError(
    'The address is made of PUBLIC_URL (--public-url) and SECOND_FACTOR_SECRET, the same that the app has. Set both.',
  );
}
