import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits for a cookie or a link. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What the database keeps of a token. Nobody guesses 256 bits, so it takes no salt and no work. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
