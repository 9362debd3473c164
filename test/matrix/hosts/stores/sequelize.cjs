'use strict';

const DIALECTS = { postgres: 'postgres', mariadb: 'mysql' };

/** The two stores over Sequelize, with the tables that they make by themselves. */
exports.makeStore = async ({ session, servers, run, database, module: name }) => {
  const { Sequelize } = require('sequelize');
  const { host, port, user, password, database: schema } = servers[database];
  const dialect = DIALECTS[database];
  const db = new Sequelize(schema, user, password, { host, port, dialect, logging: false });
  const SequelizeStore = require(name)(session.Store);
  const store = new SequelizeStore({ db, tableName: run });
  if (store.sync !== undefined) await store.sync();
  else await tableOf(store);
  return { store };
};

/** It makes its table by itself and tells nobody when that is there. */
async function tableOf({ Session }) {
  while (
    await Session.findOne().then(
      () => false,
      () => true,
    )
  ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
