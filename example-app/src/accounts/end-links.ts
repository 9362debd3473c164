import { createHmac, timingSafeEqual } from 'node:crypto';

import type { CredentialsEpochs } from './credentials-epoch';

/**
 * Tokens for a link in a mail that ends everything that is signed in as a user. Nothing is kept of
 * them: each says whose it is and until when, and is good until the user's credentials change, which
 * its own use does as well. Whoever finds one can sign somebody out, and no more.
 */
export interface EndLinks {
  /** `undefined` where there is no such user. */
  tokenFor(userId: string): string | undefined;
  /** Whose token it is; `undefined` for one that was used, is over, or was made up. */
  ownerOf(token: string): string | undefined;
}

const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

export function createEndLinks(
  secret: string | string[],
  epochs: CredentialsEpochs,
  clock: () => number,
): EndLinks {
  const [newest = ''] = [secret].flat();

  function sign(userId: string, until: string): string | undefined {
    const epoch = epochs.of(userId);
    if (epoch === undefined) return undefined;
    const about = ['end all sessions', userId, epoch, until].join('\0');
    return createHmac('sha256', newest).update(about).digest('base64url');
  }

  return {
    tokenFor(userId) {
      const until = String(clock() + LIFETIME_MS);
      const signature = sign(userId, until);
      const id = Buffer.from(userId).toString('base64url');
      return signature && [id, until, signature].join('.');
    },
    ownerOf(token) {
      const [id = '', until = '', given = ''] = token.split('.');
      const userId = Buffer.from(id, 'base64url').toString();
      const expected = Buffer.from(sign(userId, until) ?? '');
      const isSigned =
        expected.length > 0 &&
        expected.length === Buffer.byteLength(given) &&
        timingSafeEqual(expected, Buffer.from(given));
      return isSigned && Number(until) > clock() ? userId : undefined;
    },
  };
}
