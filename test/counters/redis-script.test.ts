import { redisCounter } from '../../lib';
import { wordsOf } from '../../lib/express/operator';
import { brokenStore } from '../../lib/time-limit';

const TAKE = { take: [{ key: 'a#x', window: 60_000, limit: 10 }] };
const ALL = '+evalsha +eval +time +get +pttl +set +del';

afterEach(() => jest.restoreAllMocks());

/** What a decision rejects with, where Redis says this. */
const told = (thrown: unknown, prefix = 'sms2fa:'): Promise<unknown> =>
  redisCounter({
    prefix,
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- some clients do
    sendCommand: () => Promise.reject(thrown),
  })
    .settle(TAKE)
    .catch((error: unknown) => error);

describe('a right that the user of Redis lacks', () => {
  test.each<[says: string, rule: string]>([
    ["NOPERM User app has no permissions to run the 'evalsha' command", `app ${ALL}`],
    [
      "NOPERM this user has no permissions to run the 'eval' command or its subcommand",
      `<user> ${ALL}`,
    ],
    ["ERR ACL failure in script: User app has no permissions to run the 'set' command", 'app +set'],
    ["NOPERM User key has no permissions to run the 'set' command", 'key +set'],
    ["ERR The user executing the script can't run this command or subcommand", `<user> ${ALL}`],
    ['NOPERM No permissions to access a key', '<user> ~sms2fa:*'],
    [
      "ERR The user executing the script can't access at least one of the keys mentioned",
      '<user> ~sms2fa:*',
    ],
  ])('%s: the line that gives it is told', async (says, rule) => {
    const cause = new Error(says);
    const message = `${says}. The counter needs: ACL SETUSER ${rule} (docs/counters.md)`;
    expect(await told(cause)).toMatchObject({ message, cause });
    expect(await told(says)).toMatchObject({ message, cause: says });
  });

  test("the operator's line has all of it, whatever Redis 7 says of its script", async () => {
    const says = "ERR The user executing the script can't run this command or subcommand";
    const where = `script: ${'8'.repeat(40)}, on @user_script:109`;
    for (const end of ['.', '']) {
      const error = await told(new Error(`${says} ${where}${end}`));
      expect(wordsOf(brokenStore('counter.settle', error))).toBe(
        `counter.settle failed: ${says}. The counter needs: ACL SETUSER <user> ${ALL} (docs/counters.md).`,
      );
    }
  });

  test.each([
    ['', '~??????:*'],
    ['acme:', '~acme:*'],
    ['a*b?[c]\\', '~a\\*b\\?\\[c\\]\\\\*'],
  ])('keys behind the prefix %j are those of the pattern %s', async (prefix, pattern) => {
    const error = await told(new Error('NOPERM No permissions to access a key'), prefix);
    expect((error as Error).message).toContain(`ACL SETUSER <user> ${pattern} (docs`);
  });
});

test.each<[Error, string]>([
  [
    new Error("ERR unknown command 'EVALSHA'"),
    "ERR unknown command 'EVALSHA'. The counter needs a Redis with scripts: EVALSHA, EVAL (docs/counters.md).",
  ],
  [
    new Error('ERR Unknown command `EVALSHA`'),
    'ERR Unknown command `EVALSHA`. The counter needs a Redis with scripts: EVALSHA, EVAL (docs/counters.md).',
  ],
  [
    new TypeError('client.sendCommand is not a function'),
    'sendCommand sent no command (client.sendCommand is not a function). Give it the line of its client (docs/counters.md)',
  ],
])('%s is told with its cure', async (cause, message) => {
  expect(await told(cause)).toMatchObject({ message, cause });
});

test('any other error of Redis is passed on as it is', async () => {
  for (const error of [new Error('LOADING Redis is loading the dataset in memory'), 'down']) {
    expect(await told(error)).toBe(error);
  }
});

describe('the check', () => {
  /** A Redis that refuses its user these commands, and tells this of its memory. */
  function onRedis(refused: unknown = [], info: () => unknown = () => 'maxmemory:0') {
    const sent: unknown[][] = [];
    const counter = redisCounter({
      sendCommand: (args, key) => {
        sent.push([...args.map((each) => (each.length > 99 ? 'a script' : each)), key]);
        if (args[0] === 'INFO') return info() as Promise<unknown>;
        return Promise.resolve(args[0] === 'EVAL' ? refused : [0]);
      },
    });
    return { check: async () => counter.check?.('k:check'), sent };
  }

  test('asks for the script, for each of its rights by a key that ends in a minute, and for the memory', async () => {
    const { check, sent } = onRedis();
    expect(await check()).toEqual([]);
    const key = 'sms2fa:k:check';
    const sha = expect.stringMatching(/^[0-9a-f]{40}$/) as unknown;
    expect(sent).toEqual([
      ['EVALSHA', sha, '1', key, '[0,0,0,0]', key],
      ['EVAL', 'a script', '1', key, key],
      ['INFO', 'memory', key],
    ]);
  });

  test('tells which commands are refused, and the line that gives them', async () => {
    await expect(onRedis(['set', 'del']).check()).rejects.toThrow(
      'The user of Redis may not run set, del. It needs: ACL SETUSER <user> +set +del',
    );
  });

  test.each([[null], ['OK'], [7]])('of %p as an answer nothing is learned', async (answer) => {
    await expect(onRedis(answer).check()).rejects.toThrow(
      'Redis answered a script with something else.',
    );
  });

  const memory = (lines: Record<string, string>) => (): unknown =>
    Promise.resolve(
      ['# Memory', ...Object.entries(lines).map(([name, value]) => `${name}:${value}`)].join(
        '\r\n',
      ),
    );

  test.each<[string, () => unknown]>([
    ['that throws nothing away', memory({ maxmemory: '9', maxmemory_policy: 'noeviction' })],
    ['without a limit', memory({ maxmemory: '0', maxmemory_policy: 'allkeys-lru' })],
    ['that says nothing of it', memory({ used_memory: '9' })],
    ['that says nothing', () => Promise.resolve(undefined)],
    ['that may not be asked', () => Promise.reject(new Error('NOPERM'))],
    [
      'whose client throws',
      () => {
        throw new Error('closed');
      },
    ],
  ])('finds nothing wrong with a Redis %s', async (_name, info) => {
    expect(await onRedis([], info).check()).toEqual([]);
  });

  test.each([
    [{ maxmemory: '104857600' }, 'volatile-ttl at 104857600 bytes'],
    [{ maxmemory_human: '100.00M' }, 'allkeys-lru'],
  ])('warns of a Redis that throws counts away: %j', async (most, facts) => {
    const policy = facts.split(' ')[0] ?? '';
    const { check } = onRedis([], memory({ ...most, maxmemory_policy: policy }));
    expect(await check()).toEqual([
      {
        says: `Redis may throw counts away, and sessions that lie there, too: its maxmemory-policy is ${facts}. When its memory is full, locks and limits are forgotten.`,
        cure: expect.stringMatching(
          /^Set maxmemory-policy noeviction; .* nobody signs in\. .* a Redis of its own\.$/,
        ) as unknown,
      },
    ]);
  });
});
