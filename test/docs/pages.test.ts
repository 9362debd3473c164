import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { blockOf, DOCS, RECIPES, RECIPES_APART } from './page';
import { typeErrors } from './type-errors';

const names = Object.keys(RECIPES) as (keyof typeof RECIPES)[];
const blocks = Object.fromEntries(names.map((name) => [`${name}.ts`, blockOf(name, 'ts')]));
/** The compiler reads the whole library for it. */
const COMPILER_TIME = 120_000;

/** What a reader hands over: the clients themselves fit what the recipes ask for. */
const USES = `
  import Libsql from 'libsql';
  import { createClient } from 'redis';
  import { createClient as createOlderClient } from 'redis5';
  import { createSecondFactor, type SecondFactorOptions } from 'passport-sms-2fa';
  import { keyvEnrollments } from './keyv';
  import { phoneColumnEnrollments, type User } from './phone-column';
  import { redisEnrollments } from './redis';
  import { sqliteEnrollments } from './sqlite';

  interface Customer extends User { id: string }
  declare const options: Omit<SecondFactorOptions<Customer>, 'enrollments'>;
  declare const customer: Customer;

  redisEnrollments(createOlderClient());
  keyvEnrollments(new Map());
  const sideStore = sqliteEnrollments(new Libsql(':memory:'));
  createSecondFactor({ ...options, enrollments: sideStore });
  createSecondFactor({ ...options, enrollments: redisEnrollments(createClient()) });
  createSecondFactor({
    ...options,
    enrollments: phoneColumnEnrollments({ find: () => Promise.resolve(customer) }, sideStore),
  });
`;

test(
  'what the pages show compiles by the settings of this repository, with real clients',
  () => {
    expect(typeErrors({ ...blocks, 'uses.ts': USES })).toEqual([]);
  },
  COMPILER_TIME,
);

test(
  'a page whose code does not compile would be seen',
  () => {
    const broken = blocks['sqlite.ts']!.replace('changes === 1', 'changes');
    expect(broken).not.toBe(blocks['sqlite.ts']);
    expect(typeErrors({ 'sqlite.ts': broken })).toEqual([
      expect.stringContaining("'number' is not assignable to type 'boolean"),
    ]);
  },
  COMPILER_TIME,
);

test('every recipe is on a page, every page is tested, and its links lead somewhere', () => {
  const files = readdirSync(join(DOCS, 'enrollments')).map((file) => `enrollments/${file}`);
  const tested = [...names, ...Object.keys(RECIPES_APART)];
  expect(files.sort()).toEqual(tested.map((name) => `enrollments/${name}.md`).sort());
  const overview = readFileSync(join(DOCS, 'enrollments.md'), 'utf8');
  for (const file of files) expect(overview).toContain(`(${file})`);
  for (const file of ['enrollments.md', ...files]) {
    const page = join(DOCS, file);
    for (const [, link] of readFileSync(page, 'utf8').matchAll(/\]\((?!https:)([^)#]+)/g)) {
      expect([file, link, existsSync(resolve(dirname(page), link!))]).toEqual([file, link, true]);
    }
  }
});
