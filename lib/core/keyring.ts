import { createHash, createHmac, hkdfSync } from 'node:crypto';

/** The keys made from the configured secrets, newest first. */
export interface Keyring {
  /** Names the key that new codes are derived with. */
  readonly newestId: string;
  /** The code key with this name, or `undefined` where its secret is no longer configured. */
  codeKey(id: string): Buffer | undefined;
  /**
   * A keyed fingerprint of something that must not be readable where keys and marks are kept
   * (phone numbers, IP addresses). Made with the oldest secret: adding a new one in front changes
   * no fingerprint, so budgets and marks survive the first half of a rotation.
   */
  fingerprint(kind: string, value: string): string;
  /** Unguessable names for the address that the carrier calls; one a secret, newest first. */
  readonly webhookTokens: readonly string[];
}

function subkey(secret: string, label: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `passport-sms-2fa ${label}`, 32));
}

/** Derives one key per use from each secret (HKDF, RFC 5869). */
export function createKeyring(secrets: readonly string[]): Keyring {
  const codeKeys = new Map<string, Buffer>();
  for (const secret of secrets) {
    const key = subkey(secret, 'code');
    codeKeys.set(createHash('sha256').update(key).digest('hex').slice(0, 12), key);
  }
  const webhookTokens = secrets.map((secret) => subkey(secret, 'webhook').toString('base64url'));
  const fingerprintKey = subkey(secrets[secrets.length - 1] ?? '', 'fingerprint');
  return {
    newestId: [...codeKeys.keys()][0] ?? '',
    codeKey: (id) => codeKeys.get(id),
    webhookTokens,
    fingerprint: (kind, value) =>
      createHmac('sha256', fingerprintKey)
        .update(`${kind}\0${value}`)
        .digest('base64url')
        .slice(0, 32),
  };
}

/**
 * A plain digest for what needs no secrecy but a key of fixed length and harmless characters:
 * user ids and session ids. It does not depend on a secret, so that a lock survives a rotation.
 */
export function digest(kind: string, value: string): string {
  return createHash('sha256').update(`${kind}\0${value}`).digest('hex').slice(0, 40);
}
