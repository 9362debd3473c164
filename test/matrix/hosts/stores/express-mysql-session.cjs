'use strict';

exports.makeStore = async ({ session, servers, run }) => {
  const MySQLStore = require('express-mysql-session')(session);
  const store = new MySQLStore({
    ...servers.mariadb,
    createDatabaseTable: true,
    schema: { tableName: run },
  });
  await store.onReady();
  return { store };
};
