import { spawn } from 'node:child_process';

const START = 30_000;

/** A host that did not come up: what it said on the way out. */
export class NotStarted extends Error {}

/** Starts a host, and waits until it says which port it serves. */
export async function startHost({ command, args, cwd, env = {} }) {
  const child = spawn(command, args, {
    cwd,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  child.stdin.on('error', () => undefined);
  let said = '';
  let ended = false;
  const exited = new Promise((resolve) => {
    child.once('error', (error) => ((said += error.stack), (ended = true), resolve()));
    child.once('close', () => ((ended = true), resolve()));
  });
  child.stderr.on('data', (chunk) => (said += chunk));
  const port = await new Promise((resolve, reject) => {
    let out = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new NotStarted(`not up after ${START / 1000} s: ${sentenceIn(said)}`));
    }, START);
    child.stdout.on('data', (chunk) => {
      out += chunk;
      const found = /^port (\d+)$/m.exec(out)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
    void exited.then(() => {
      clearTimeout(timer);
      reject(new NotStarted(sentenceIn(said) || 'without a word'));
    });
  });
  return {
    origin: `http://127.0.0.1:${port}`,
    hasEnded: () => ended,
    said: () => sentenceIn(said),
    stop: async () => {
      child.stdin.end();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The first sentence of what was written to the console: an error's own, without its trace. */
function sentenceIn(said) {
  const lines = said.split('\n').map((line) => line.trim());
  const isNoise = (line) =>
    line === '' || /^(at |\(Use|\^|node:|file:|Node\.js v|throw )|\bWarning: /.test(line);
  const errors = lines.filter((line) => /\w*(Error|error)\b.*: /.test(line));
  return (errors[0] ?? lines.find((line) => !isNoise(line)) ?? '').slice(0, 600);
}
