'use strict';

exports.makeStore = ({ session, servers, run }) => {
  const MemcachedStore = require('connect-memcached')(session);
  const { host, port } = servers.memcached;
  return { store: new MemcachedStore({ hosts: [`${host}:${port}`], prefix: run }) };
};
