'use strict';

const { createServer } = require('node:http');

/** Serves an app on a free port and says which; what it is given comes as JSON, the one argument. */
exports.serve = async function serve(make) {
  try {
    const app = await make(JSON.parse(process.argv[2] ?? '{}'));
    const server = createServer(app).listen(0, '127.0.0.1', () => {
      console.log(`port ${server.address().port}`);
    });
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
  // Nobody is left who asks.
  process.stdin.on('end', () => process.exit()).resume();
};
