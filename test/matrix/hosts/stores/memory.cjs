'use strict';

/**
 * The app makes express-session's own MemoryStore. With `counted` it says on purpose that it is one
 * process, without which it would not start in production.
 */
exports.makeStore = ({ counted, factor }) =>
  counted && factor ? { factorOptions: { counter: factor.memoryCounter() } } : {};
