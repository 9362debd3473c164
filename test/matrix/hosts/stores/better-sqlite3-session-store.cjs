'use strict';

const { join } = require('node:path');

/** Over `libsql`, which has the interface of `better-sqlite3` and comes as a binary. */
exports.makeStore = ({ session, run }) => {
  const Database = require('libsql');
  const SqliteStore = require('better-sqlite3-session-store')(session);
  return { store: new SqliteStore({ client: new Database(join(__dirname, `${run}.db`)) }) };
};
