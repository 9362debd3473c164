import Libsql from 'libsql';
import type { Enrollments } from '../../lib';
import { connect, hasRedis, startRedis } from '../helpers/redis-server';
import { blockOf, recipeOf } from './page';
import { startPostgres } from './postgres';

/** A recipe on a database of its own, which is emptied for each test. */
interface RecipeUnderTest {
  name: string;
  start(): Promise<void>;
  make(): Promise<Enrollments>;
  stop(): Promise<void>;
}

type MakeFrom<Client> = (client: Client) => Enrollments;

function postgresql(): RecipeUnderTest {
  let postgres: ReturnType<typeof startPostgres>;
  return {
    name: 'PostgreSQL',
    start: async () => {
      postgres = startPostgres();
      await postgres.query(blockOf('postgresql', 'sql'));
    },
    make: async () => {
      await postgres.query('TRUNCATE second_factor_enrollments');
      return (recipeOf('postgresql') as MakeFrom<typeof postgres>)(postgres);
    },
    stop: () => postgres.stop(),
  };
}

/** SQLite in memory, with the table of the page. */
export function sqliteEnrollments(): Enrollments {
  const database = new Libsql(':memory:');
  database.exec(blockOf('sqlite', 'sql'));
  return (recipeOf('sqlite') as MakeFrom<typeof database>)(database);
}

function sqlite(): RecipeUnderTest {
  return {
    name: 'SQLite',
    start: () => Promise.resolve(),
    make: () => Promise.resolve(sqliteEnrollments()),
    stop: () => Promise.resolve(),
  };
}

function redis(): RecipeUnderTest {
  let server: Awaited<ReturnType<typeof startRedis>>;
  let client: Awaited<ReturnType<typeof connect>>;
  return {
    name: 'Redis',
    start: async () => {
      server = await startRedis();
      client = await connect(server);
    },
    make: async () => {
      await client.flushAll();
      return (recipeOf('redis') as MakeFrom<typeof client>)(client);
    },
    stop: async () => {
      client.destroy();
      await server.stop();
    },
  };
}

function keyv(): RecipeUnderTest {
  return {
    name: 'Keyv',
    start: () => Promise.resolve(),
    make: () => Promise.resolve((recipeOf('keyv') as MakeFrom<object>)(new Map())),
    stop: () => Promise.resolve(),
  };
}

/** Runs a suite on every recipe that can keep enrollments by itself. */
export function onEachRecipe(suite: (recipe: RecipeUnderTest) => void): void {
  const recipes = [postgresql(), sqlite(), ...(hasRedis() ? [redis()] : []), keyv()];
  for (const recipe of recipes) {
    describe(recipe.name, () => {
      beforeAll(() => recipe.start(), 60_000);
      afterAll(() => recipe.stop());
      suite(recipe);
    });
  }
}
