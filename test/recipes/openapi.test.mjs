import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import SwaggerParser from '@apidevtools/swagger-parser';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const require = createRequire(import.meta.url);
const { openApiDocument } = require('../../lib/express/router/openapi');
const source = JSON.stringify(openApiDocument('1.2.3'));

test('[S210] others find nothing wrong with the OpenAPI document', async () => {
  await SwaggerParser.validate(JSON.parse(source));
  const config = await createConfig({
    extends: ['recommended-strict'],
    // Two answers are for paths and methods that there are not: no operation can refer to them.
    rules: { 'no-unused-components': 'off' },
  });
  const found = await lintFromString({ source, absoluteRef: '/openapi.json', config });
  assert.deepEqual(
    found.map(({ ruleId, message }) => `${ruleId}: ${message}`),
    [],
  );
});
