'use strict';

exports.makeStore = ({ session, ttl }) => {
  const MemoryStore = require('memorystore')(session);
  return { store: new MemoryStore({ checkPeriod: 60_000, ...(ttl && { ttl }) }) };
};
