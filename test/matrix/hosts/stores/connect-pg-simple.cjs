'use strict';

/** With `counted` the database of the sessions counts, too. */
exports.makeStore = async ({ session, servers, run, counted, factor }) => {
  const { Pool } = require('pg');
  const PgStore = require('connect-pg-simple')(session);
  const pool = new Pool({ connectionString: servers.postgres.url, max: 20 });
  // The name of its index is fixed.
  await pool.query(`CREATE SCHEMA ${run}`);
  const store = new PgStore({ pool, schemaName: run, createTableIfMissing: true });
  if (!counted || factor === undefined) return { store };
  const query = (text, values) => pool.query(text, values);
  const counter = factor.postgresCounter({ query, table: `${run}.counts` });
  await counter.createTable();
  return { store, factorOptions: { counter } };
};
