import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import * as keyv from 'keyv';
import ts from 'typescript';
import * as library from '../../lib';

export const DOCS = join(__dirname, '..', '..', 'docs');

/** The pages of the recipes, and the function that each one's code block exports. */
export const RECIPES = {
  postgresql: 'postgresEnrollments',
  sqlite: 'sqliteEnrollments',
  redis: 'redisEnrollments',
  keyv: 'keyvEnrollments',
  'phone-column': 'phoneColumnEnrollments',
} as const;

/** Those that need packages of their own: test/recipes runs them. */
export const RECIPES_APART = {
  drizzle: 'drizzleEnrollments',
  knex: 'knexEnrollments',
  mongoose: 'mongooseEnrollments',
  mysql: 'mysqlEnrollments',
  prisma: 'prismaEnrollments',
  sequelize: 'sequelizeEnrollments',
  sqlite3: 'sqlite3Enrollments',
  typeorm: 'typeormEnrollments',
} as const;

type RecipeName = keyof typeof RECIPES | keyof typeof RECIPES_APART;

/** The one block of this language on a recipe's page, as a reader copies it. */
export function blockOf(name: RecipeName, language: 'ts' | 'js' | 'sql' | 'prisma'): string {
  const page = readFileSync(join(DOCS, 'enrollments', `${name}.md`), 'utf8');
  const found = [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  if (found.length !== 1) throw new Error(`${name}.md has ${found.length} blocks of ${language}`);
  return found[0]?.[1] ?? '';
}

/** Runs the code block of a recipe's page and returns its function. */
export function recipeOf(name: keyof typeof RECIPES): unknown {
  return runBlock(`${name}.md`, blockOf(name, 'ts'))[RECIPES[name]];
}

/** All blocks of this language on a page. */
export function blocksIn(page: string, language: string): string[] {
  const text = readFileSync(join(DOCS, page), 'utf8');
  const found = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...found].map(([, block]) => block ?? '');
}

/** Runs a code block, on the library as it is here, and returns what it exports. */
export function runBlock(
  page: string,
  block: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 };
  const { outputText } = ts.transpileModule(block, { compilerOptions });
  const exported: Record<string, unknown> = {};
  const modules: Record<string, unknown> = { 'passport-sms-2fa': library, keyv, ...more };
  const load = (wanted: string): unknown => {
    if (!(wanted in modules)) throw new Error(`${page} imports ${wanted}`);
    return modules[wanted];
  };
  const globals = { console, Buffer, URLSearchParams, fetch, test, expect };
  compileFunction(outputText, ['require', 'exports', ...Object.keys(globals)])(
    load,
    exported,
    ...(Object.values(globals) as unknown[]),
  );
  return exported;
}
