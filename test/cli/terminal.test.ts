import { account, closeServers, record } from './account';
import { command } from './terminal';

afterEach(closeServers);

const ESCAPE = '\u001b[';

async function colors(env: Record<string, string>, isTTY: boolean): Promise<boolean[]> {
  const carrier = await account({ messages: [record({ status: 'delivered' })] });
  const given = { env: { ...carrier.env, ...env }, isTTY };
  const list = await command(['messages', '--since', '2026-01-01'], given);
  const failed = await command(['lookup'], given);
  expect([list.code, failed.code]).toEqual([0, 2]);
  return [list.out.includes(ESCAPE), failed.err.includes(ESCAPE)];
}

test('there are colors on a terminal, for results and for errors', async () => {
  expect(await colors({}, true)).toEqual([true, true]);
});

test.each([
  ['in a pipe', {}, false],
  ['with NO_COLOR', { NO_COLOR: '1' }, true],
  ['on a terminal that knows none', { TERM: 'dumb' }, true],
])('there are no colors %s', async (_name, env, isTTY) => {
  expect(await colors(env, isTTY)).toEqual([false, false]);
});

test('NO_COLOR that is empty means nothing', async () => {
  expect(await colors({ NO_COLOR: '' }, true)).toEqual([true, true]);
});

test('JSON has no colors on a terminal either', async () => {
  const { env } = await account({ messages: [record({ status: 'delivered' })] });
  const { out } = await command(['messages', '--since', '1d', '--json'], { env, isTTY: true });
  expect(out).not.toContain(ESCAPE);
});
