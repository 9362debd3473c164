import type { Clock } from '../ports/clock';
import type { Records } from '../ports/records';
import type { SessionStore } from '../ports/session-store';
import { storeCall } from '../store-call';
import { called } from './callbacks';

/**
 * Keeps records in the app's own session store, beside its sessions. Every such store takes a
 * record that looks like a session: one with a `cookie`. Some read its `maxAge` for the record's
 * life, others its `expires`, so it has both.
 */
export function sessionStoreRecords(store: SessionStore, clock: Clock): Records {
  return {
    get: (key) =>
      storeCall('sessionStore.get', async () => {
        const found = await called((done) => store.get(key, done));
        return found === null || found === undefined ? undefined : contentOf(found);
      }),
    set: (key, record, expiresAt) =>
      storeCall('sessionStore.set', async () => {
        const maxAge = expiresAt - clock();
        const expires = new Date(expiresAt).toISOString();
        const cookie = { originalMaxAge: maxAge, maxAge, expires, httpOnly: true, path: '/' };
        await called((done) => store.set(key, { cookie, sms2fa: record }, done));
      }),
    delete: (key) =>
      storeCall('sessionStore.destroy', async () => {
        await called((done) => store.destroy(key, done));
      }),
  };
}

function contentOf(found: unknown): unknown {
  const content = (found as { sms2fa?: unknown }).sms2fa;
  if (typeof found === 'object' && typeof content === 'object' && content !== null) return content;
  throw new Error('the store answered with something that was not kept there');
}
