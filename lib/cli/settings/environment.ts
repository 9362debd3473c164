import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { UsageError } from '../failures';

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment, and below it a file. What is set to nothing is not set. */
export function readEnvironment(env: Environment, file: string | undefined): Environment {
  const below = file === undefined ? {} : readFile(file);
  return { ...withoutEmpty(below), ...withoutEmpty(env) };
}

function readFile(file: string): Environment {
  try {
    return parseEnv(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code = 'no code' } = error as NodeJS.ErrnoException;
    throw new UsageError(`--settings: ${file} cannot be read (${code}). Name a file such as .env.`);
  }
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));
}
