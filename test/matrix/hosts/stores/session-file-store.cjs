'use strict';

const { join } = require('node:path');

exports.makeStore = ({ session, run }) => {
  const FileStore = require('session-file-store')(session);
  return { store: new FileStore({ path: join(__dirname, run), logFn: () => undefined }) };
};
