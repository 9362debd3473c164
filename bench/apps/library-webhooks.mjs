import { createApp as createLibrary } from './library.mjs';

/** The library with `webhooks()` mounted: it remembers what receipts, STOP and NO may ask for. */
export const createApp = (redisUrl) => createLibrary(redisUrl, { webhooks: true });
