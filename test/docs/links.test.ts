import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const pages = [
  ...['CHANGELOG.md', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md'],
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
/** A page without its code, in which a bracket is no link and a number sign no heading. */
const prose = (page: string): string =>
  readFileSync(join(ROOT, page), 'utf8').replace(/^( *)```.*?^\1```$/gms, '');

/** Its headings as places to go to, the way GitHub and TypeDoc name them; a name that comes again is numbered. */
function placesOf(page: string): string[] {
  const seen = new Map<string, number>();
  return [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const name = plain.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    return times === 0 ? name : `${name}-${times}`;
  });
}
const places = new Map(pages.map((page) => [page, placesOf(page)]));

interface Link {
  page: string;
  link: string;
  file: string;
  place: string | undefined;
}
const links = pages.flatMap((page): Link[] =>
  [...prose(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => {
    const [path = '', place] = link.split('#');
    const file = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
    return { page, link, file, place };
  }),
);

test('every link of a page leads to a file', () => {
  expect(links.length).toBeGreaterThan(200);
  expect(links.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('every link into a page leads to a heading of it', () => {
  const into = links.filter(({ place }) => place !== undefined);
  expect(into.length).toBeGreaterThan(50);
  expect(into.filter(({ file, place }) => !places.get(file)?.includes(place!))).toEqual([]);
});

test('a link elsewhere is to a safe address', () => {
  const elsewhere = pages.flatMap((page) => prose(page).match(/\]\(https?:[^)]*\)/g) ?? []);
  expect(elsewhere.length).toBeGreaterThan(0);
  expect(elsewhere.filter((link) => !link.startsWith('](https://'))).toEqual([]);
});

test('the index leads to every page that is for users, and the README to the index', () => {
  const inside = ['docs/README.md', 'docs/decisions.md', 'docs/mutation.md'];
  const listed = links.filter(({ page }) => page === 'docs/README.md').map(({ file }) => file);
  const wanted = pages.filter((page) => /^docs\/[^/]+$/.test(page) && !inside.includes(page));
  expect(wanted.filter((page) => !listed.includes(page))).toEqual([]);
  expect(links.some(({ page, file }) => page === 'README.md' && file === 'docs/README.md')).toBe(
    true,
  );
});
