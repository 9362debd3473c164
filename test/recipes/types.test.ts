import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockOf, RECIPES_APART } from '../docs/page';
import { typeErrors } from '../docs/type-errors';

const names = Object.keys(RECIPES_APART) as (keyof typeof RECIPES_APART)[];
const blocks = Object.fromEntries(names.map((name) => [`${name}.ts`, blockOf(name, 'ts')]));
const postgresql = { 'postgresql.ts': blockOf('postgresql', 'ts') };

/** What a reader hands over: the clients themselves fit what the recipes ask for. */
const USES = `
  import { drizzle } from 'drizzle-orm/node-postgres';
  import knex from 'knex';
  import mongoose from 'mongoose';
  import { createPool } from 'mysql2/promise';
  import { Pool } from 'pg';
  import { Sequelize } from 'sequelize';
  import { DataSource } from 'typeorm';
  import { PrismaClient } from './dist/prisma/client/client';
  import type { Enrollments } from 'passport-sms-2fa';
  import { drizzleEnrollments, secondFactorEnrollments } from './drizzle';
  import { knexEnrollments } from './knex';
  import { mongooseEnrollments } from './mongoose';
  import { mysqlEnrollments } from './mysql';
  import { postgresEnrollments } from './postgresql';
  import { prismaEnrollments } from './prisma';
  import { sequelizeEnrollments } from './sequelize';
  import { SecondFactorEnrollment, typeormEnrollments } from './typeorm';

  declare const prisma: PrismaClient;
  const pool = new Pool();
  export const all: Enrollments[] = [
    drizzleEnrollments(drizzle({ client: pool })),
    drizzleEnrollments(drizzle({ client: pool, schema: { secondFactorEnrollments } })),
    knexEnrollments(knex({ client: 'pg' })),
    mongooseEnrollments(mongoose.connection),
    mongooseEnrollments(mongoose.createConnection()),
    mysqlEnrollments(createPool({})),
    postgresEnrollments(pool),
    prismaEnrollments(prisma),
    sequelizeEnrollments(new Sequelize('sqlite::memory:')),
    typeormEnrollments(new DataSource({ type: 'postgres', entities: [SecondFactorEnrollment] })),
  ];
`;

test('what the pages show, and the tests of them, compiles by the settings of this repository, with real clients', () => {
  const tests = readdirSync(__dirname).filter((name) => name.endsWith('.ts'));
  const ours = tests.map((name) => [name, readFileSync(join(__dirname, name), 'utf8')]);
  const files = { ...blocks, ...postgresql, 'uses.ts': USES, ...Object.fromEntries(ours) };
  expect(typeErrors(files, __dirname)).toEqual([]);
});
