import { PrismaPg } from '@prisma/adapter-pg';
import * as orm from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import * as pgCore from 'drizzle-orm/pg-core';
import knex from 'knex';
import Libsql from 'libsql';
import * as mongoose from 'mongoose';
import { createPool } from 'mysql2/promise';
import { Pool } from 'pg';
import * as sequelize from 'sequelize';
import * as typeorm from 'typeorm';
import type { Enrollments } from '../../lib';
import { blockOf, recipeOf, RECIPES_APART, runBlock } from '../docs/page';
import { PRISMA_CLIENT } from './prisma-client';
import type { TestServer } from './servers';

/** A recipe over a client as an app has it. */
export interface Opened {
  make(): Enrollments;
  clear(): Promise<unknown>;
  close(): Promise<unknown>;
}

const PACKAGES = {
  'drizzle-orm': orm,
  'drizzle-orm/pg-core': pgCore,
  mongoose,
  sequelize,
  typeorm,
};
const TABLE = 'second_factor_enrollments';

/** What a page's code block exports, with the packages that it imports. */
function pageOf(name: keyof typeof RECIPES_APART): {
  recipe: (client: unknown) => Enrollments;
  all: Record<string, unknown>;
} {
  const all = runBlock(`${name}.md`, blockOf(name, 'ts'), PACKAGES);
  return { all, recipe: all[RECIPES_APART[name]] as (client: unknown) => Enrollments };
}

/** Runs the page's lines of set-up, and answers what they call `enrollments`. */
function setUp(name: 'drizzle' | 'typeorm', given: Record<string, unknown>): Promise<Enrollments> {
  const body = `return (async () => { ${blockOf(name, 'js')}; return enrollments; })()`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is the page
  return new Function(...Object.keys(given), body)(...Object.values(given));
}

type Dialect = 'postgres' | 'mysql';
const at = (port: number) => ({ host: '127.0.0.1', port, connectTimeout: 1_000 });
const login = (dialect: Dialect) =>
  dialect === 'postgres'
    ? { user: 'postgres', password: 'x', database: 'postgres' }
    : { user: 'root', password: '', database: 'app' };

export async function ofPg({ port }: TestServer): Promise<Opened> {
  const pool = new Pool({ host: '127.0.0.1', port, ...login('postgres') });
  const recipe = recipeOf('postgresql') as (client: unknown) => Enrollments;
  return {
    make: () => recipe(pool),
    clear: () => pool.query(`DELETE FROM ${TABLE}`),
    close: () => pool.end(),
  };
}

export async function ofDrizzle({ port }: TestServer): Promise<Opened> {
  const { recipe, all } = pageOf('drizzle');
  const pools: Pool[] = [];
  class PoolOfApp extends Pool {
    constructor() {
      super({ host: '127.0.0.1', port, ...login('postgres') });
      pools.push(this);
    }
  }
  const enrollments = await setUp('drizzle', { Pool: PoolOfApp, drizzle, ...all });
  const db = drizzle({ client: pools[0]! });
  let made = 0;
  return {
    // The page's own first, then as when it is called again.
    make: () => ((made += 1) === 1 ? enrollments : recipe(db)),
    clear: () => db.execute(orm.sql.raw(`DELETE FROM ${TABLE}`)),
    close: () => pools[0]!.end(),
  };
}

export async function ofPrisma({ port }: TestServer): Promise<Opened> {
  const { PrismaClient } = require(PRISMA_CLIENT) as {
    PrismaClient: new (options: object) => {
      $executeRawUnsafe(sql: string): Promise<unknown>;
      $disconnect(): Promise<void>;
    };
  };
  const url = `postgresql://postgres:x@127.0.0.1:${port}/postgres`;
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) });
  const { recipe } = pageOf('prisma');
  return {
    make: () => recipe(prisma),
    clear: () => prisma.$executeRawUnsafe(`DELETE FROM ${TABLE}`),
    close: () => prisma.$disconnect(),
  };
}

export const ofKnex =
  (dialect: Dialect) =>
  async ({ port }: TestServer): Promise<Opened> => {
    const client = { postgres: 'pg', mysql: 'mysql2' }[dialect];
    const connection = { host: '127.0.0.1', port, ...login(dialect) };
    const db = knex({ client, connection, acquireConnectionTimeout: 1_000 });
    const { recipe } = pageOf('knex');
    return { make: () => recipe(db), clear: () => db(TABLE).delete(), close: () => db.destroy() };
  };

export const ofSequelize =
  (dialect: Dialect) =>
  async ({ port }: TestServer): Promise<Opened> => {
    const { database, user, password } = login(dialect);
    const db = new sequelize.Sequelize(database, user, password, {
      host: '127.0.0.1',
      port,
      dialect,
      logging: false,
    });
    const { recipe } = pageOf('sequelize');
    return {
      make: () => recipe(db),
      clear: () => db.query(`DELETE FROM ${TABLE}`),
      close: () => db.close(),
    };
  };

export const ofTypeorm =
  (dialect: Dialect) =>
  async ({ port }: TestServer): Promise<Opened> => {
    const { recipe, all } = pageOf('typeorm');
    const { user: username, password, database } = login(dialect);
    const options = { type: dialect, host: '127.0.0.1', port, username, password, database };
    const sources: typeorm.DataSource[] = [];
    class DataSource extends typeorm.DataSource {
      constructor(given: typeorm.DataSourceOptions) {
        super(given);
        sources.push(this);
      }
    }
    const enrollments = await setUp('typeorm', { ...all, DataSource, options });
    let made = 0;
    return {
      make: () => ((made += 1) === 1 ? enrollments : recipe(sources[0])),
      clear: () => sources[0]!.query(`DELETE FROM ${TABLE}`),
      close: () => sources[0]!.destroy(),
    };
  };

export async function ofMysql({ port }: TestServer): Promise<Opened> {
  const pool = createPool({ ...at(port), ...login('mysql'), charset: 'utf8mb4' });
  const { recipe } = pageOf('mysql');
  return {
    make: () => recipe(pool),
    clear: () => pool.query(`DELETE FROM ${TABLE}`),
    close: () => pool.end(),
  };
}

export async function ofMongoose({
  port,
  clear,
}: TestServer & { clear?: () => void }): Promise<Opened> {
  const connection = await mongoose
    .createConnection(`mongodb://127.0.0.1:${port}/test`, { serverSelectionTimeoutMS: 500 })
    .asPromise();
  const { recipe } = pageOf('mongoose');
  return {
    make: () => recipe(connection),
    clear: async () => clear?.(),
    close: () => connection.close(),
  };
}

/** The interface of the sqlite3 package over libsql: sqlite3 itself is compiled where it is installed. */
function sqlite3Like(database: Libsql.Database) {
  const later = (done: (error: Error | null, row?: unknown) => void, work: () => unknown): void =>
    void setImmediate(() => {
      try {
        done(null, work());
      } catch (error) {
        done(error as Error);
      }
    });
  return {
    get: (
      statement: string,
      values: unknown[],
      done: (error: Error | null, row?: unknown) => void,
    ) => later(done, () => database.prepare(statement).get(...values)),
    run: (
      statement: string,
      values: unknown[],
      done: (this: { changes: number }, error: Error | null) => void,
    ) =>
      void setImmediate(() => {
        try {
          done.call(database.prepare(statement).run(...values), null);
        } catch (error) {
          done.call({ changes: 0 }, error as Error);
        }
      }),
    exec: (statement: string, done: () => void) => (database.exec(statement), done()),
    close: (done: () => void) => (database.close(), done()),
  };
}

/** The real package, where somebody has installed it here. */
function sqlite3Database(): ReturnType<typeof sqlite3Like> {
  try {
    const { Database } = require('sqlite3') as {
      Database: new (file: string) => ReturnType<typeof sqlite3Like>;
    };
    return new Database(':memory:');
  } catch {
    process.stderr.write(
      'sqlite3 is not installed: its recipe runs on its interface over libsql\n',
    );
    return sqlite3Like(new Libsql(':memory:'));
  }
}

export async function ofSqlite3(): Promise<Opened> {
  const database = sqlite3Database();
  const run = (statement: string) =>
    new Promise<void>((resolve) => database.exec(statement, () => resolve()));
  await run(blockOf('sqlite', 'sql'));
  const { recipe } = pageOf('sqlite3');
  return {
    make: () => recipe(database),
    clear: () => run(`DELETE FROM ${TABLE}`),
    close: () => new Promise<void>((resolve) => database.close(() => resolve())),
  };
}
