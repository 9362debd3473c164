'use strict';

const CLIENTS = { postgres: 'pg', mariadb: 'mysql2' };

exports.makeStore = async ({ servers, run, database }) => {
  const { ConnectSessionKnexStore } = require('connect-session-knex');
  const knex = require('knex')({ client: CLIENTS[database], connection: servers[database] });
  return { store: new ConnectSessionKnexStore({ knex, tableName: run, createTable: true }) };
};
