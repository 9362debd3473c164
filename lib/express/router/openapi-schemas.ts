import { PROBLEM_CODES } from '../problems';

/** A schema of JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export type Schema = Record<string, unknown>;

const TIME: Schema = { type: 'string', format: 'date-time' };
const COUNT: Schema = { type: 'integer', minimum: 0 };
const FLAG: Schema = { type: 'boolean' };
const TRUE: Schema = { const: true };
const PATH: Schema = { type: 'string', minLength: 1 };
const TEXTS: Schema = { type: 'array', items: { type: 'string' } };

const said = (description: string, schema: Schema): Schema => ({ ...schema, description });
export const refTo = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** An object with these properties; those whose name ends in `?` may be left out. */
function object(properties: Record<string, Schema>): Schema {
  const entries = Object.entries(properties);
  const required = entries.map(([name]) => name).filter((name) => !name.endsWith('?'));
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [name.replace(/\?$/, ''), schema]),
    ),
  };
}

const MASKED = said('Masked to its last two digits, or the first letter of a mail address.', {
  type: 'string',
});
const CODE = said('The digits of the text, also with blanks and dashes.', { type: 'string' });

/** What the router reads and answers, by name. */
export const SCHEMAS: Record<string, Schema> = {
  Status: object({
    enrolled: said('A phone is enrolled.', FLAG),
    verified: said('The session has passed the second factor.', FLAG),
    'verifiedAt?': said('When it was passed last.', TIME),
    'signedInAt?': said('When the user signed in, where the app says so.', TIME),
    'authTime?': said('The later of the two.', TIME),
    amr: said('How the user was authenticated (RFC 8176).', TEXTS),
    'acr?': said('What that amounts to.', { type: 'string' }),
    'phone?': MASKED,
    'challenge?': refTo('Challenge'),
    'recoveryCodesLeft?': COUNT,
    'recoveryCodesAcknowledged?': said('New recovery codes wait to be kept.', { const: false }),
    'consent?': said(
      'What naming a phone agrees to.',
      object({ text: { type: 'string' }, version: { type: 'string' }, ...links() }),
    ),
    'lockedUntil?': said('Until then no code is looked at.', TIME),
    'enrollmentRequiredFrom?': said('From then on the user must enroll.', TIME),
  }),
  Challenge: object({
    purpose: { enum: ['sign-in', 'step-up', 'enroll', 'replace'] },
    'channel?': said('Left out for texts.', { const: 'email' }),
    phone: MASKED,
    codeLength: { type: 'integer', minimum: 6, maximum: 10 },
    sentAt: TIME,
    expiresAt: TIME,
    resendAt: said('From then on another text may be asked for.', TIME),
    attemptsLeft: COUNT,
    sendsLeft: COUNT,
    delivery: { enum: ['accepted', 'sent', 'delivered', 'failed', 'unknown'] },
    'transaction?': said('What the code confirms, as the text says it.', { type: 'string' }),
  }),
  Verified: object({ verified: TRUE, returnTo: said('Where the user wanted to go.', PATH) }),
  Recovered: object({ verified: TRUE, returnTo: PATH, recoveryCodesLeft: COUNT }),
  Enrolled: object({ enrolled: TRUE, verified: TRUE, recoveryCodes: TEXTS, acknowledged: FLAG }),
  RecoveryCodes: object({ recoveryCodes: TEXTS, acknowledged: { const: false } }),
  Devices: object({
    devices: {
      type: 'array',
      items: object({
        id: { type: 'string' },
        name: { type: 'string' },
        trustedAt: TIME,
        lastUsedAt: TIME,
        expiresAt: TIME,
        current: said('The browser that asks.', FLAG),
      }),
    },
  }),
  Resume: object({ method: { const: 'POST' }, path: PATH }),
  Problem: said(
    'A problem document (RFC 9457).',
    object({
      type: said('`urn:passport-sms-2fa:` and the code.', { type: 'string', format: 'uri' }),
      title: { type: 'string' },
      status: { type: 'integer', minimum: 400, maximum: 599 },
      code: { enum: PROBLEM_CODES },
      detail: said('For the user, in English.', { type: 'string' }),
      'attemptsLeft?': said('Guesses left.', COUNT),
      'retryAfter?': said('Seconds, as in `Retry-After`.', { type: 'integer', minimum: 1 }),
    }),
  ),
  SendInput: object({ 'channel?': { enum: ['sms', 'email'] } }),
  VerifyInput: object({
    code: CODE,
    'trustDevice?': said('Trusts this browser, where the app offers it.', FLAG),
  }),
  EnrollInput: object({
    phone: said('As people write it.', { type: 'string' }),
    'country?': said('Two letters; of numbers without a country code.', { type: 'string' }),
  }),
  ConfirmInput: object({ code: CODE }),
  RecoveryInput: object({ recoveryCode: { type: 'string' } }),
  KeptInput: object({ 'set?': said('The id of the set that was shown.', { type: 'string' }) }),
};

function links(): Record<string, Schema> {
  const link = { type: 'string', format: 'uri-reference' };
  return { 'terms?': link, 'privacy?': link, 'support?': link };
}
