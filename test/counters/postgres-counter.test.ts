import { Pool } from 'pg';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { postgresCounter, type RateLimiterLike, type Wish } from '../../lib';
import { counterContract } from '../contract/counter';
import { pending, startApp, wrongCode } from '../helpers/app';
import { testClock } from '../helpers/clock';
import { jsonOf } from '../helpers/cluster';
import { agingLimiter } from '../helpers/limiter-counter';
import { atOnce, jsonPost } from '../helpers/parallel';
import { ROUTER } from '../helpers/paths';
import { hasPostgres, startPostgresServer, type PostgresServer } from '../helpers/postgres-server';
import { agingCounter } from '../helpers/redis-server';
import { cookieFrom } from '../helpers/web';

const MINUTE = 60_000;
const place = (key: string, limit = 10, window = MINUTE) => ({ key, window, limit });
const refusal = (code: string, message = 'no') => Object.assign(new Error(message), { code });

/** A counter on a database that answers this, one after the other, and how often it was asked. */
function onAnswers(...answers: unknown[]) {
  const query = jest.fn(async () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer instanceof Error) throw answer;
    return { rows: [answer] };
  });
  return { counter: postgresCounter({ query }), query };
}

test.each(['40001', '40P01'])(
  'a decision that met another one (%s) is asked again',
  async (code) => {
    const { counter, query } = onAnswers(refusal(code), refusal(code), { settled: '[1,2,3,0]' });
    expect((await counter.settle({ take: [place('a#x')] })).places.get('a#x')?.count).toBe(1);
    expect(query).toHaveBeenCalledTimes(3);
  },
);

test('rows are taken as pg answers them and as a bare list; anything else is told with its cure', async () => {
  const wish = { take: [place('a#x')] };
  const asked = (answer: unknown) =>
    postgresCounter({ query: async () => answer as { rows: unknown[] } }).settle(wish);
  const row = { settled: '[1,2,3,0]' };
  for (const answer of [{ rows: [row] }, [row]]) {
    expect((await asked(answer)).places.get('a#x')?.count).toBe(1);
  }
  for (const answer of [undefined, null, 7, row, { rows: row }]) {
    await expect(asked(answer)).rejects.toThrow(/answered with no rows\. Return what the driver/);
  }
});

test('three times is enough, and another error is passed on at once', async () => {
  for (const [code, times] of [
    ['40P01', 3],
    ['57014', 1],
  ] as const) {
    const error = refusal(code);
    const { counter, query } = onAnswers(error);
    await expect(counter.settle({ take: [place('a')] })).rejects.toBe(error);
    expect(query).toHaveBeenCalledTimes(times);
  }
});

test.each([
  [undefined],
  [{}],
  [{ settled: null }],
  [{ settled: [1, 2, 3, 0] }],
  [{ settled: '7' }],
  [{ settled: '[]' }],
  [{ settled: '[1,2,3]' }],
  [{ settled: '[1,2,3,null]' }],
  [{ settled: '[1.5,2,3,0]' }],
])('[S135] a row of %p is no answer to a decision', async (row) => {
  const { counter } = onAnswers(row);
  await expect(counter.settle({ take: [place('a')] })).rejects.toThrow('something else');
});

test.each<[code: string, cure: RegExp]>([
  ['42P01', /^no\. Call createTable\(\) of postgresCounter\(\) before .* \(docs\/counters\.md\)$/],
  ['3F000', /^no\. Call createTable\(\)/],
  ['42883', /^no\. Call createTable\(\)/],
  ['25001', /^no\. Say ALTER ROLE <user> SET default_transaction_isolation = 'read committed'/],
  ['42501', /^no\. The user of the database needs GRANT SELECT, INSERT, .* ON auth\.counts /],
])('%s is told with its cure, and what it was stays with it', async (code, cure) => {
  const cause = refusal(code);
  const table = 'auth.counts';
  const counter = postgresCounter({ query: () => Promise.reject(cause), table });
  const told: unknown = await counter.settle({ read: ['a'] }).catch((error: unknown) => error);
  expect(told).toMatchObject({ message: expect.stringMatching(cure) as unknown, code, cause });
});

test('what a driver rejects with that is no error is passed on as it is', async () => {
  for (const thrown of [{ code: '42P01' }, 'down', undefined]) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- some drivers do
    const counter = postgresCounter({ query: () => Promise.reject(thrown) });
    await expect(counter.settle({ read: ['a'] })).rejects.toBe(thrown);
  }
});

test('tables of two schemas have an index each, by the name of the table', () => {
  const query = () => Promise.resolve([]);
  for (const table of ['auth.counts', 'counts']) {
    const { schema } = postgresCounter({ query, table });
    expect(schema).toContain(`CREATE INDEX IF NOT EXISTS counts_ends ON ${table} (ends);`);
  }
});

test('where nothing is asked nothing is sent', async () => {
  const { counter, query } = onAnswers();
  for (const wish of [{}, { read: [] }]) {
    const nothing = { ok: true, read: new Map(), places: new Map(), full: [] };
    expect(await counter.settle(wish)).toEqual(nothing);
  }
  expect(query).not.toHaveBeenCalled();
});

test.each<[unknown, RegExp]>([
  [undefined, /postgresCounter\(\{ query \}\) is undefined\. Give \(text, values\)/],
  [{ query: 'SELECT' }, /query \}\) is "SELECT"/],
  ...['', 'Counts', 'a;b', 'a.b.c', 'a-b', 'c'.repeat(41), 7, ['counts']].map(
    (table): [unknown, RegExp] => [
      { query: () => 1, table },
      /postgresCounter\(\{ table \}\) is .*Give a name/,
    ],
  ),
])('of %p no counter is made', (options, message) => {
  expect(() => postgresCounter(options as never)).toThrow(TypeError);
  expect(() => postgresCounter(options as never)).toThrow(message);
});

(hasPostgres() ? describe : describe.skip)('on PostgreSQL', () => {
  const TABLE = 'sms_test.counts';
  let server: PostgresServer;
  let pool: Pool;
  const counter = () =>
    postgresCounter({ query: (text, values) => pool.query(text, values), table: TABLE });
  const rows = async (): Promise<number> => {
    const { rows: found } = await pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${TABLE}`);
    return Number(found[0]?.n);
  };

  beforeAll(async () => {
    server = await startPostgresServer();
    pool = new Pool({ connectionString: server.url, max: 4 });
    await pool.query('DROP SCHEMA IF EXISTS sms_test CASCADE');
    await pool.query('DROP ROLE IF EXISTS sms_bank');
    await pool.query('CREATE SCHEMA sms_test');
    // As several processes do at their start.
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => counter().createTable()));
  });
  beforeEach(() => pool.query(`TRUNCATE ${TABLE}`));
  afterAll(async () => {
    await pool.query('DROP SCHEMA sms_test CASCADE');
    await pool.end();
    await server.stop();
  });

  counterContract('postgresCounter', {
    reach: 'decision',
    make: () => {
      const clock = testClock();
      return {
        counter: agingCounter(counter(), clock),
        pass: async (milliseconds) => {
          await clock.advance(milliseconds / 1_000);
          await pool.query(`UPDATE ${TABLE} SET ends = ends - $1`, [milliseconds]);
        },
      };
    },
  });

  describe('with a limiter', () => {
    let limiter: RateLimiterLike;
    beforeAll(async () => {
      limiter = await new Promise((resolve, reject) => {
        const made = new RateLimiterPostgres(
          {
            points: 1,
            duration: 1,
            storeClient: pool,
            schemaName: 'sms_test',
            tableName: 'limits',
          },
          (error) => (error === undefined ? resolve(made) : reject(error)),
        );
      });
    });
    counterContract('rateLimiterCounter on RateLimiterPostgres', {
      reach: 'count',
      crowd: 60,
      grain: 1_000,
      tellsWindows: true,
      keepsZeros: true,
      make: () =>
        agingLimiter(limiter, (milliseconds) =>
          pool.query('UPDATE sms_test.limits SET expire = expire - $1', [milliseconds]),
        ),
    });
  });

  test('the table may be made again, and keeps its counts', async () => {
    await counter().settle({ take: [place('a#x')] });
    await counter().createTable();
    await pool.query(counter().schema);
    expect((await counter().settle({ read: ['a#x'] })).read.get('a#x')?.count).toBe(1);
  });

  test('of a count that went back, or was refused, or only asked for, no row stays', async () => {
    const { places } = await counter().settle({ take: [place('a#x'), place('a#y')] });
    expect(await rows()).toBe(2);
    const ends = places.get('a#x')!.ends;
    await counter().settle({ give: [{ key: 'a#x', ends }], clear: ['a#y'] });
    await counter().settle({ take: [place('b#x'), place('c#x', 0)] });
    await counter().settle({ read: ['d#x'], take: [{ ...place('e#x'), by: 0 }] });
    expect(await rows()).toBe(0);
  });

  test('what is over goes with later changes, a few rows at a time', async () => {
    const keys = Array.from({ length: 20 }, (_, index) => `old${index}#x`);
    await counter().settle({ take: [...keys.map((key) => place(key)), place('young#x')] });
    await pool.query(`UPDATE ${TABLE} SET ends = 1 WHERE key LIKE 'old%'`);
    await counter().settle({ read: keys });
    expect(await rows()).toBe(21);
    const left = [];
    for (let change = 0; change < 3; change += 1) {
      await counter().settle({ take: [place('young#x')] });
      left.push(await rows());
    }
    expect(left).toEqual([13, 5, 1]);
  });

  test('[S135] nothing but a count can be put in the place of one', async () => {
    for (const count of ['0', '-1', '9007199254740992', 'NULL']) {
      const insert = `INSERT INTO ${TABLE} VALUES ('a#x', ${count}, 9007199254740991)`;
      await expect(pool.query(insert)).rejects.toThrow(/violates/);
    }
  });

  test('decisions that name the same subjects in any order wait for each other in no circle', async () => {
    const deadlocks = async (): Promise<string | undefined> => {
      await pool.query('SELECT pg_stat_clear_snapshot()');
      const found = await pool.query<{ n: string }>(
        'SELECT sum(deadlocks) AS n FROM pg_stat_database',
      );
      return found.rows[0]?.n;
    };
    const before = await deadlocks();
    const subjects = ['a#x', 'b#x', 'c#x', 'd#x'];
    const turned = (by: number) => [...subjects.slice(by % 4), ...subjects.slice(0, by % 4)];
    const wishes: Wish[] = Array.from({ length: 120 }, (_, index) => {
      const keys = index % 2 === 0 ? turned(index) : turned(index).reverse();
      return { take: keys.map((key) => place(key, 1_000, index % 3 === 0 ? 1 : MINUTE)) };
    });
    const settled = await Promise.all(wishes.map((wish) => counter().settle(wish)));
    expect(settled.every(({ ok }) => ok)).toBe(true);
    expect(await deadlocks()).toBe(before);
  });

  test('[S21] of 200 parallel guesses over four connections five are evaluated', async () => {
    const app = await startApp({ factor: { counter: counter() } });
    const agent = app.agent();
    const code = await pending(app, agent);
    const cookie = cookieFrom(agent);
    const guesses = Array.from({ length: 200 }, (_, index) =>
      jsonPost(ROUTER.verify, cookie, { code: wrongCode(code, index + 1) }),
    );
    const answers = await atOnce(app.url, guesses);
    const told = answers.map((answer) => jsonOf(answer).code);
    expect(told.filter((each) => each === 'code_incorrect')).toHaveLength(5);
    await agent.post(ROUTER.verify).send({ code }).expect(401);
    await app.close();
  });

  describe('a user with few rights', () => {
    let user: Pool;
    beforeAll(async () => {
      await pool.query('CREATE ROLE sms_bank LOGIN');
      await pool.query('GRANT USAGE ON SCHEMA sms_test TO sms_bank');
      const url = Object.assign(new URL(server.url), { username: 'sms_bank' });
      user = new Pool({ connectionString: url.href, max: 1 });
    });
    afterAll(async () => {
      await user.end();
      await pool.query('DROP OWNED BY sms_bank');
      await pool.query('DROP ROLE sms_bank');
    });
    const RIGHTS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
    const wish: Wish = { take: [place('a#x')], clear: ['a#x'] };

    test.each([...RIGHTS, ''])(
      'without %s is told the line; with all four passes',
      async (lacks) => {
        const given = RIGHTS.filter((right) => right !== lacks).join(', ');
        await pool.query(`REVOKE ALL ON ${TABLE} FROM sms_bank`);
        await pool.query(`GRANT ${given} ON ${TABLE} TO sms_bank`);
        const settling = postgresCounter({
          query: (t, v) => user.query(t, v),
          table: TABLE,
        }).settle(wish);
        if (lacks === '') expect((await settling).ok).toBe(true);
        else
          await expect(settling).rejects.toThrow(
            /needs GRANT SELECT, INSERT, UPDATE, DELETE ON sms_test\.counts/,
          );
      },
    );

    test('that may make no table is told who does', async () => {
      const making = postgresCounter({
        query: (t, v) => user.query(t, v),
        table: TABLE,
      }).createTable();
      await expect(making).rejects.toThrow(/permission denied.*Let the owner.*migration/);
    });
  });

  test('a table or a schema that is not there is told, with who makes it', async () => {
    for (const table of ['never_made', 'never.made']) {
      const settling = postgresCounter({ query: (t, v) => pool.query(t, v), table }).settle({
        read: ['a'],
      });
      await expect(settling).rejects.toThrow(/does not exist.*Call createTable\(\)/);
    }
  });

  test('an isolation level under which a decision could look at old counts is refused', async () => {
    const options = '-c default_transaction_isolation=serializable';
    const strict = new Pool({ connectionString: server.url, max: 1, options });
    const settling = postgresCounter({ query: (t, v) => strict.query(t, v), table: TABLE }).settle({
      read: ['a'],
    });
    await expect(settling).rejects.toThrow(/serializable.*ALTER ROLE/);
    await strict.end();
  });
});
