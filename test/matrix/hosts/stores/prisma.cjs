'use strict';

/**
 * The store over a model with the calls that it makes of a Prisma client, in SQLite: the engines of
 * Prisma itself are fetched when they are installed, from elsewhere.
 */
exports.makeStore = () => {
  const { PrismaSessionStore } = require('@quixo3/prisma-session-store');
  return { store: new PrismaSessionStore(makeClient(), { checkPeriod: 60_000 }) };
};

function makeClient() {
  const Database = require('libsql');
  const db = new Database(':memory:');
  db.exec('CREATE TABLE session (id TEXT PRIMARY KEY, sid TEXT UNIQUE, data TEXT, expiresAt TEXT)');
  const read = (row) => row && { ...row, expiresAt: new Date(row.expiresAt) };
  const where = (filter) => {
    const [[name, value]] = Object.entries(filter);
    if (!['id', 'sid'].includes(name)) throw new Error(`no filter by ${name}`);
    return [`WHERE ${name} = ?`, value];
  };
  const ask = (verb, filter) => {
    const [clause, value] = where(filter);
    return db.prepare(`${verb} ${clause}`).get(value);
  };
  const remove = (filter) => {
    const [clause, value] = where(filter);
    return { count: db.prepare(`DELETE FROM session ${clause}`).run(value).changes };
  };
  const model = {
    findUnique: async ({ where: filter }) => read(ask('SELECT * FROM session', filter)) ?? null,
    findMany: async () => db.prepare('SELECT * FROM session').all().map(read),
    create: async ({ data: { id, sid, data, expiresAt } }) => {
      const values = [id, sid, data, expiresAt.toISOString()];
      db.prepare('INSERT INTO session VALUES (?, ?, ?, ?)').run(...values);
    },
    update: async ({ where: filter, data }) => {
      const [clause, value] = where(filter);
      for (const [name, given] of Object.entries(data)) {
        const kept = given instanceof Date ? given.toISOString() : given;
        db.prepare(`UPDATE session SET ${name} = ? ${clause}`).run(kept, value);
      }
    },
    delete: async ({ where: filter }) => remove(filter),
    deleteMany: async ({ where: filter }) => remove(filter),
  };
  return { session: model, $connect: async () => undefined, $disconnect: async () => undefined };
}
