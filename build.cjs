'use strict';
// What the compiler leaves: the run bit, the mark of the client's modules, the OpenAPI document.
const { chmodSync, writeFileSync } = require('node:fs');
const { openApiDocument } = require('./dist/express/router/openapi');
const { version } = require('./package.json');

chmodSync('dist/cli/main.js', 0o755);
writeFileSync(
  'dist/client/esm/package.json',
  JSON.stringify({ type: 'module', sideEffects: false }),
);
writeFileSync('dist/openapi.json', JSON.stringify(openApiDocument(version), null, 2));
