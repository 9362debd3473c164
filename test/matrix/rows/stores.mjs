import { runApp } from '../row.mjs';

/** The stores of apps, each with the table, prefix or folder that it makes by itself. */
const SQL = { postgres: ['pg', 'PostgreSQL'], mariadb: ['mysql2', 'MariaDB'] };

/** A row for a file of `hosts/stores`, whose packages have the names that they are installed by. */
const storeRow = ({ store, packages, title, ...row }) => ({
  ...row,
  title,
  shown: packages,
  run: (world) =>
    runApp(
      { ...row, store, packages: Object.fromEntries(packages.map((each) => [each, each])) },
      world,
    ),
});

const onSql = ({ store, packages, core = [], module: name }) =>
  Object.entries(SQL).map(([database, [driver, title]]) =>
    storeRow({
      store,
      packages: [...packages, driver],
      title,
      core: core.includes(database),
      needs: [database],
      given: { database, module: name },
    }),
  );

export default {
  kind: 'Session stores',
  rows: [
    storeRow({
      store: 'connect-pg-simple',
      packages: ['connect-pg-simple', 'pg'],
      title: 'PostgreSQL',
      needs: ['postgres'],
    }),
    storeRow({
      store: 'connect-pg-simple',
      packages: ['connect-pg-simple', 'pg'],
      title: 'PostgreSQL, `postgresCounter`',
      core: true,
      needs: ['postgres'],
      given: { counted: true },
    }),
    ...onSql({
      store: 'sequelize',
      module: 'connect-session-sequelize',
      packages: ['connect-session-sequelize', 'sequelize'],
      core: ['postgres'],
    }),
    ...onSql({
      store: 'sequelize',
      module: 'express-session-sequelize',
      packages: ['express-session-sequelize', 'sequelize'],
    }),
    ...onSql({ store: 'connect-session-knex', packages: ['connect-session-knex', 'knex'] }),
    storeRow({
      store: 'connect-typeorm',
      packages: ['connect-typeorm', 'typeorm', 'pg'],
      title: 'PostgreSQL',
      needs: ['postgres'],
    }),
    storeRow({
      store: 'connect-typeorm',
      packages: ['connect-typeorm', 'typeorm', 'pg'],
      title: 'PostgreSQL, `ttl` 60 s',
      needs: ['postgres'],
      given: { ttl: 60 },
    }),
    storeRow({
      store: 'express-mysql-session',
      packages: ['express-mysql-session', 'mysql2'],
      title: 'MariaDB',
      needs: ['mariadb'],
    }),
    storeRow({
      store: 'express-mysql-session',
      packages: ['express-mysql-session', 'mysql2', 'rate-limiter-flexible'],
      title: 'MariaDB, `rateLimiterCounter`',
      needs: ['mariadb'],
      given: { counted: true },
    }),
    storeRow({
      store: 'connect-memcached',
      packages: ['connect-memcached'],
      title: 'memcached',
      needs: ['memcached'],
    }),
    storeRow({
      store: 'session-file-store',
      packages: ['session-file-store'],
      title: 'files',
      core: true,
    }),
    storeRow({
      store: 'better-sqlite3-session-store',
      packages: ['better-sqlite3-session-store', 'libsql'],
      title: 'SQLite',
      core: true,
    }),
    storeRow({
      store: 'prisma',
      packages: ['@quixo3/prisma-session-store', 'libsql'],
      title: "a stand-in for Prisma's client, in SQLite",
    }),
    storeRow({ store: 'memorystore', packages: ['memorystore'], title: 'memory' }),
    storeRow({
      store: 'memorystore',
      packages: ['memorystore'],
      title: 'memory, `ttl` 60 s',
      given: { ttl: 60_000 },
    }),
  ],
};
