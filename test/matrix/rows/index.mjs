import frameworks from './frameworks.mjs';
import redis from './redis.mjs';
import stores from './stores.mjs';

export const KINDS = [frameworks, stores, redis];
