'use strict';

/** With `counted` the database of the sessions counts, too, by rate-limiter-flexible. */
exports.makeStore = async ({ session, servers, run, counted, factor }) => {
  const MySQLStore = require('express-mysql-session')(session);
  const store = new MySQLStore({
    ...servers.mariadb,
    createDatabaseTable: true,
    schema: { tableName: run },
  });
  await store.onReady();
  if (!counted || factor === undefined) return { store };
  const limiter = await makeLimiter(servers.mariadb, run);
  return { store, factorOptions: { counter: factor.rateLimiterCounter(limiter) } };
};

function makeLimiter({ database, ...server }, run) {
  const { RateLimiterMySQL } = require('rate-limiter-flexible');
  const storeClient = require('mysql2').createPool({ ...server, database });
  const options = {
    storeClient,
    dbName: database,
    tableName: `${run}limits`,
    points: 1,
    duration: 1,
  };
  return new Promise((resolve, reject) => {
    const limiter = new RateLimiterMySQL(options, (error) =>
      error ? reject(error) : resolve(limiter),
    );
  });
}
