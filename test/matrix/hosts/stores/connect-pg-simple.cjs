'use strict';

exports.makeStore = async ({ session, servers, run }) => {
  const { Pool } = require('pg');
  const PgStore = require('connect-pg-simple')(session);
  const pool = new Pool({ connectionString: servers.postgres.url });
  // The name of its index is fixed.
  await pool.query(`CREATE SCHEMA ${run}`);
  return { store: new PgStore({ pool, schemaName: run, createTableIfMissing: true }) };
};
