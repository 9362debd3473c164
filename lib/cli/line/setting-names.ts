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
