#!/usr/bin/env node
import { REAL_TIMING } from '../flowroute/rate-limiter';
import { INTERRUPTED } from './command';
import { run } from './run';

const stop = new AbortController();
const interrupt = (): void => {
  // Who asks twice does not want to wait for what is still under way.
  if (stop.signal.aborted) process.exit(INTERRUPTED);
  stop.abort();
};
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);
// Whoever reads only the first lines, as `head` does, has all that they want.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const { env, stdin, stdout, stderr } = process;
void run(process.argv.slice(2), {
  env,
  stdin,
  stdout,
  stderr,
  clock: Date.now,
  wait: REAL_TIMING.wait,
  signal: stop.signal,
  interrupt,
}).then((code) => {
  process.exitCode = code;
});
