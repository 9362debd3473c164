'use strict';

const { createServer } = require('node:http');
const { makeApp } = require('./app.cjs');

/** Serves the app in the process that asks for it, for as long as the walk takes. */
exports.walkThrough = async function walkThrough(packages, walk) {
  const server = createServer(makeApp(packages));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  let step;
  try {
    await walk(`http://127.0.0.1:${server.address().port}`, (name) => (step = name));
  } catch (error) {
    throw new Error(`${step}: ${error.message}`, { cause: error });
  } finally {
    server.closeAllConnections();
    server.close();
  }
};
