import { readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { makeAppDir, versionOf } from './app-dir.mjs';
import { NotStarted, startHost } from './host-process.mjs';

const require = createRequire(import.meta.url);
const { drive } = require('./drive.cjs');
const { control } = require('./control.cjs');

/** What every app has; a row names other versions, and what it needs beside. */
export const BASE = {
  express: 'express',
  'express-session': 'express-session',
  passport: 'passport',
  'passport-local': 'passport-local',
};

/** What the package says of its peers must let in what is run here. */
function refusedByPeers(packages, { peers, satisfies }) {
  return Object.entries(peers).flatMap(([name, range]) => {
    if (packages[name] === undefined) return [];
    const version = versionOf(packages[name]);
    return satisfies(version, range) ? [] : [`${name} ${version} is not in ${range}`];
  });
}

/**
 * Runs one app twice: without the package the control, then with it the drive. Answers what came of
 * it: `passes`, `refused` with the sentence, `control fails`, or `fails`, with where and why.
 */
export async function runApp(row, world, start = startNode) {
  const packages = { ...BASE, ...row.packages };
  const servers = await world.servers(row.needs ?? []);
  const alone = await walk(control, undefined);
  if (alone.outcome !== 'passes') return { ...alone, outcome: 'control fails' };
  const refused = refusedByPeers(packages, world);
  const driven = await walk(drive, world.installed);
  if (refused.length === 0) return driven;
  const nevertheless = [driven.outcome, driven.why].filter(Boolean).join(': ');
  return {
    outcome: 'refused',
    why: `by npm, ${refused.join(', ')}; made to run all the same: ${nevertheless}`,
  };

  async function walk(steps, installed) {
    const app = makeAppDir({ ...row, packages, installed });
    const given = { ...row.given, servers, run: world.freshName(), initialize: row.initialize };
    let host;
    let step = 'start';
    try {
      host = await start(app.folder, given, row);
      await steps(host.origin, (name) => (step = name));
      if (host.hasEnded()) return { outcome: 'fails', why: `the process ended: ${host.said()}` };
      return { outcome: 'passes' };
    } catch (error) {
      if (error instanceof NotStarted) return { outcome: 'refused', why: error.message };
      const what = host?.hasEnded() ? 'the process ended' : error.message;
      const why = [`${step}: ${what}`, host?.said()].filter(Boolean).join(' · ');
      return { outcome: 'fails', why };
    } finally {
      await host?.stop();
      app.remove();
    }
  }
}

/**
 * By the Node.js that runs this, CommonJS; a row may name another program and entry. An entry that
 * needs nobody is left `alone`: what it was made of is gone.
 */
export function startNode(
  folder,
  given,
  { program = process.execPath, args = [], entry = 'entry.cjs', env, alone = false },
) {
  if (alone) {
    for (const name of readdirSync(folder).filter((each) => each !== entry)) {
      rmSync(join(folder, name), { recursive: true });
    }
  }
  return startHost({
    command: program,
    args: [...args, entry, JSON.stringify(given)],
    cwd: folder,
    env,
  });
}
