import { writeFileSync } from 'node:fs';
import { measureGrowth } from './growth.mjs';
import { measureLoad } from './load.mjs';
import { measurePages } from './pages.mjs';
import { picture } from './picture.mjs';
import { startRedis } from './processes.mjs';
import { report } from './report.mjs';
import { measureScale } from './scale.mjs';
import { measureStartup } from './startup.mjs';
import { measureStorage } from './storage.mjs';
import { measureStructure } from './structure.mjs';
import { measureWire } from './wire.mjs';

const PARTS = {
  wire: measureWire,
  storage: measureStorage,
  scale: measureScale,
  structure: measureStructure,
  startup: measureStartup,
  pages: measurePages,
  growth: measureGrowth,
  load: measureLoad,
};

const asked = process.argv.slice(2);
const parts = asked.length > 0 ? asked : Object.keys(PARTS);
const redis = await startRedis();
const found = { redisVersion: redis.version };
try {
  for (const part of parts) {
    process.stderr.write(`${part} ...\n`);
    found[part] = await PARTS[part](redis);
    await redis.client.flushAll();
  }
} finally {
  await redis.stop();
}
process.stdout.write(report(found));
if (asked.length === 0) {
  const file = (name) => new URL(name, import.meta.url);
  writeFileSync(file('RESULTS.md'), report(found));
  writeFileSync(file('results.svg'), picture(found.load));
}
