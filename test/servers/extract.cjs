'use strict';

/** Writes each block of the page that begins with the name of a file into dist/, as it stands there. */
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const page = join(__dirname, '..', '..', 'docs', 'sockets-and-servers.md');
const dist = join(__dirname, 'dist');
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const [, block] of readFileSync(page, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)) {
  const name = /^\/\/ ([\w.-]+\.ts)\n/.exec(block)?.[1];
  if (name === undefined) throw new Error(`a block of the page has no name: ${block.slice(0, 80)}`);
  writeFileSync(join(dist, name), block);
}
