import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { folderOf, makeAppDir } from '../app-dir.mjs';
import { BASE } from '../row.mjs';
import { programOf } from './runtimes.mjs';

/** An app's own tests: the app and the walk are in the process, and under the rules, of a test runner. */
const read = (name) => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
const WALKS = {
  'browser.cjs': read('browser.cjs'),
  'in-process.cjs': read('hosts/in-process.cjs'),
};

const JEST = `
const { walkThrough } = require('./in-process.cjs');
const { WALK: walk } = require('./walk.cjs');
test('the walk', () => walkThrough({
  express: require('express'),
  session: require('express-session'),
  passport: require('passport'),
  LocalStrategy: require('passport-local').Strategy,
  factor: FACTOR,
}, walk), 60_000);
`;
const VITEST = `
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { test } from 'vitest';
import { walkThrough } from './in-process.cjs';
import { WALK as walk } from './walk.cjs';
test('the walk', async () => walkThrough({
  express, session, passport, LocalStrategy, factor: FACTOR,
}, walk), 60_000);
`;

const RUNNERS = {
  jest: {
    file: 'walk.test.cjs',
    test: JEST,
    by: 'require',
    bin: ['bin', 'jest.js'],
    args: ['--rootDir=.', '--testMatch=**/*.test.cjs'],
  },
  // Vitest wants a newer Node.js.
  vitest: {
    file: 'walk.test.mjs',
    test: VITEST,
    by: 'await import',
    bin: ['vitest.mjs'],
    args: ['run'],
    node: 'node-22',
  },
};

async function runTests(runner, world) {
  const { file, test, by, bin, args, node } = RUNNERS[runner];
  const program = node === undefined ? process.execPath : programOf(node);
  for (const [walk, installed] of [
    ['control', undefined],
    ['drive', world.installed],
  ]) {
    const factor = installed === undefined ? 'undefined' : `${by}('passport-sms-2fa')`;
    const app = makeAppDir({
      packages: { ...BASE, [runner]: runner },
      installed,
      files: {
        ...WALKS,
        'walk.cjs': read(`${walk}.cjs`),
        [file]: test.replace('WALK', walk).replace('FACTOR', factor),
      },
    });
    try {
      const command = [join(folderOf(runner), ...bin), ...args];
      const env = { ...process.env, CI: 'true', NO_COLOR: '1' };
      const found = await promisify(execFile)(program, command, { cwd: app.folder, env }).catch(
        (error) => error,
      );
      const said = `${found.stdout}${found.stderr}`;
      if (!/\b1 passed/.test(said)) {
        const why = said.split('\n').find((line) => /error/i.test(line)) ?? said.slice(0, 300);
        return { outcome: walk === 'control' ? 'control fails' : 'fails', why: why.trim() };
      }
    } finally {
      app.remove();
    }
  }
  return { outcome: 'passes' };
}

export default {
  kind: 'Test runners',
  rows: Object.entries(RUNNERS).map(([runner, { node }]) => ({
    title: 'the app and the walk in its process',
    shown: node === undefined ? [runner] : [runner, node],
    run: (world) => runTests(runner, world),
  })),
};
