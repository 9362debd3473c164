import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockOf } from '../docs/page';

const FOLDER = join(__dirname, 'dist', 'prisma');

export const PRISMA_CLIENT = join(FOLDER, 'client', 'client.ts');

/** Has Prisma make the client of the page's model, once for all tests. */
export default function generate(): void {
  mkdirSync(FOLDER, { recursive: true });
  const schema = join(FOLDER, 'schema.prisma');
  writeFileSync(
    schema,
    `generator client {
       provider = "prisma-client"
       output = "./client"
       moduleFormat = "cjs"
       importFileExtension = ""
     }
     datasource db {
       provider = "postgresql"
     }
     ${blockOf('prisma', 'prisma')}`,
  );
  const env = {
    ...process.env,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    // Making a client needs no engine, but one is downloaded where none is named.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  };
  const cli = join(__dirname, 'node_modules', '.bin', 'prisma');
  execFileSync(cli, ['generate', '--schema', schema], { env, stdio: 'pipe', cwd: FOLDER });
}
