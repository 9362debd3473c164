'use strict';

/** PostgreSQL on a port of this machine, in a thread of its own, which can be ended at any time. */
const { parentPort, workerData } = require('node:worker_threads');
const { PGlite } = require('@electric-sql/pglite');
const { PGLiteSocketServer } = require('@electric-sql/pglite-socket');

PGlite.create()
  .then(async (db) => {
    await db.exec(workerData.sql);
    const port = workerData.port;
    const server = new PGLiteSocketServer({ db, port, host: '127.0.0.1', maxConnections: 50 });
    await server.start();
    parentPort.postMessage(server.getServerConn());
  })
  .catch((error) => {
    throw error;
  });
