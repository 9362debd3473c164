'use strict';

/** The entity of the store's README, as a schema, which needs no decorators. */
exports.makeStore = async ({ servers, run, ttl }) => {
  const { DataSource, EntitySchema } = require('typeorm');
  const { TypeormStore } = require('connect-typeorm');
  const Session = new EntitySchema({
    name: run,
    columns: {
      id: { type: 'varchar', length: 255, primary: true },
      expiredAt: { type: 'bigint' },
      json: { type: 'text' },
      destroyedAt: { type: 'timestamp', nullable: true, deleteDate: true },
    },
  });
  const { host, port, user, database } = servers.postgres;
  const source = new DataSource({
    type: 'postgres',
    host,
    port,
    username: user,
    database,
    entities: [Session],
    synchronize: true,
  });
  await source.initialize();
  const options = { cleanupLimit: 2, ...(ttl && { ttl }) };
  return { store: new TypeormStore(options).connect(source.getRepository(Session)) };
};
