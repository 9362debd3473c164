import { createKeyring } from '../../core/keyring';
import { checkPath, checkSecrets } from '../../options/check-values';
import type { Context } from '../command';
import { UsageError } from '../failures';

/** Where the app is reached. */
export function readPublicUrl({ given, env }: Context): URL | undefined {
  const value = given.text('public-url') ?? env.PUBLIC_URL;
  if (value === undefined) return undefined;
  if (URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)) return new URL(value);
  throw new UsageError(
    'PUBLIC_URL (--public-url) must be an address such as https://bank.example.',
  );
}

/**
 * Where the carrier should call, one address a secret, the one of the newest first. None where the
 * settings do not say.
 */
export function readCallbackAddresses(context: Context): string[] {
  const { given, env } = context;
  const publicUrl = readPublicUrl(context);
  const path = checkPath('--webhook-path', given.text('webhook-path') ?? '/webhooks/flowroute');
  if (publicUrl === undefined || env.SECOND_FACTOR_SECRET === undefined) return [];
  const secrets = checkSecrets(env.SECOND_FACTOR_SECRET.split(',').map((each) => each.trim()));
  const base = `${publicUrl.origin}${publicUrl.pathname}`.replace(/\/+$/, '');
  return createKeyring(secrets).webhookTokens.map(
    (token) => `${base}${path.replace(/\/+$/, '')}/${token}`,
  );
}

/** The address of the newest secret, which the carrier is to be told. */
export function wantedCallback(context: Context): string {
  const [wanted] = readCallbackAddresses(context);
  if (wanted !== undefined) return wanted;
  throw new UsageError(
    'The address is made of PUBLIC_URL (--public-url) and SECOND_FACTOR_SECRET, the same that the app has. Set both.',
  );
}
