'use strict';

const { transform } = require('sucrase');

/**
 * TypeScript as CommonJS, each line where it was. Types are stripped, which takes a tenth of the time
 * of the compiler; `npm run lint` looks at them.
 */
function stripTypes(source, filePath, options) {
  return transform(source, {
    filePath,
    transforms: ['typescript', 'imports'],
    disableESTransforms: true,
    ...options,
  }).code;
}

module.exports = {
  stripTypes,
  /** For Jest, which calls it as a transformer: `jest.mock()` comes before the imports. */
  process: (source, path) => ({
    code: stripTypes(source, path, { transforms: ['typescript', 'imports', 'jest'] }),
  }),
};
