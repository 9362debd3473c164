import type { OptionSpecs } from '../command';

/** Every command takes these. */
export const COMMON_OPTIONS = {
  json: { kind: 'flag', about: 'print JSON: one document, or for lists one a line' },
  // Not --env-file: Node takes that one for itself, wherever it stands.
  settings: {
    kind: 'text',
    value: '<file>',
    about: 'take settings from this file where the environment has none',
  },
  help: { kind: 'flag', short: 'h', about: 'show this' },
} as const satisfies OptionSpecs;

export const SHOW_NUMBERS = {
  'show-numbers': { kind: 'flag', about: 'show phone numbers whole' },
} as const satisfies OptionSpecs;

export const SHOW_BODIES = {
  'show-bodies': { kind: 'flag', about: 'show the texts themselves, which hold codes' },
} as const satisfies OptionSpecs;

export const YES = {
  yes: { kind: 'flag', short: 'y', about: 'do not ask before' },
} as const satisfies OptionSpecs;

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
