import bundlers from './bundlers.mjs';
import frameworks from './frameworks.mjs';
import packed from './package.mjs';
import redis from './redis.mjs';
import runtimes from './runtimes.mjs';
import stores from './stores.mjs';
import testRunners from './test-runners.mjs';
import types from './types.mjs';

export const KINDS = [runtimes, frameworks, stores, redis, types, testRunners, bundlers, packed];
