import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { APPS, copyApp, diffOf, HERE, remove, ROOT } from './host.mjs';

const MOST_LINES = 30;
const added = (diff) => diff.split('\n').filter((line) => /^\+(?!\+\+).*\S/.test(line));

for (const [name, storage] of Object.entries(APPS)) {
  test(`${name}: no more than ${MOST_LINES} lines of code are added beside the recipe`, () => {
    const lines = added(diffOf(name));
    assert.ok(lines.length >= 10 && lines.length <= MOST_LINES, `${lines.length} lines`);
  });

  test(`${name}: without the diff nothing names the package, with it the app has it`, () => {
    const [before, after] = [copyApp(name), copyApp(name, storage)];
    const naming = (folder) =>
      readdirSync(folder, { recursive: true })
        .filter((file) => /^(?!node_modules).*\.[cm]js$/.test(file))
        .filter((file) => /passport-sms-2fa|second-factor/.test(readFileSync(join(folder, file))));
    try {
      assert.deepEqual(naming(before), []);
      assert.notDeepEqual(naming(after), []);
      assert.ok(!readdirSync(join(before, 'node_modules')).includes('passport-sms-2fa'));
    } finally {
      remove(before);
      remove(after);
    }
  });
}

test('docs/hosts.md shows these diffs, and each app has one', () => {
  const page = readFileSync(join(ROOT, 'docs', 'hosts.md'), 'utf8');
  const shown = [...page.matchAll(/^```diff\n(.*?)^```/gms)].map(([, diff]) => diff);
  assert.deepEqual(shown, Object.keys(APPS).map(diffOf));
  const folders = readdirSync(HERE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
    .map(({ name }) => name);
  assert.deepEqual(folders.sort(), Object.keys(APPS).sort());
});
