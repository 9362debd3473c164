import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const about = JSON.parse(read('package.json')) as {
  repository: { url: string };
  homepage: string;
  bugs: string;
  type: string;
  engines: { node: string };
};
const address = about.repository.url.replace(/^git\+|\.git$/g, '');

test('the package says where it is from, where its page is, and where bugs go', () => {
  expect(address).toMatch(/^https:\/\/\S+$/);
  expect(about.homepage).toBe(`${address}#readme`);
  expect(about.bugs).toBe(`${address}/issues`);
  expect(about.type).toBe('commonjs');
});

test('each change is run on the oldest supported Node.js and on those after it', () => {
  const workflow = read('.github/workflows/ci.yml');
  const [, listed = ''] = /^ +node: \[(.*)\]$/m.exec(workflow) ?? [];
  const versions = listed.split(', ').map(Number);
  expect(versions).toEqual([20, 22, 24]);
  expect(about.engines.node).toMatch(new RegExp(`^>=${versions[0]}\\.`));
  expect(workflow).toMatch(/^ +- run: \.ci\/run$/m);
});

test('what is published is run whole before, is the version of its tag, and says where it was built', () => {
  const workflow = read('.github/workflows/release.yml');
  const [compare, run, publish] = ['The tag is the version', '- run: .ci/run', '--provenance'].map(
    (step) => workflow.indexOf(step),
  );
  expect(compare).toBeGreaterThan(-1);
  expect(run).toBeGreaterThan(compare!);
  expect(publish).toBeGreaterThan(run!);
  expect(workflow).toContain('id-token: write');
});

test('a weakness is led to a private report', () => {
  expect(read('.github/ISSUE_TEMPLATE/config.yml')).toContain(`${address}/security/advisories/new`);
});
