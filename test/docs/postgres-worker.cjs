'use strict';

/**
 * PostgreSQL in a thread of its own: PGlite loads parts of itself in a way that jest does not let
 * through. Answers as a `Pool` of the `pg` package does.
 */
const { parentPort } = require('node:worker_threads');
const { PGlite } = require('@electric-sql/pglite');

const database = PGlite.create();

parentPort.on('message', async ({ id, text, values }) => {
  try {
    const { rows, affectedRows } = await (await database).query(text, values);
    parentPort.postMessage({ id, result: { rows, rowCount: affectedRows ?? null } });
  } catch (error) {
    parentPort.postMessage({ id, error: error.message });
  }
});
