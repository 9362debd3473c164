import { checkTheme } from '../../lib/options/check-theme';
import { startApp } from '../helpers/app';
import { Reader } from '../pages/reader';

const refusal = (theme: unknown): string => {
  try {
    checkTheme(theme);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
  }
  return 'taken';
};

test('without a theme the pages have colors that can be read', () => {
  const { light, dark, name, logo } = checkTheme();
  expect([name, logo]).toEqual([undefined, undefined]);
  expect(Object.keys(light)).toEqual(Object.keys(dark!));
});

test.each([
  [{ text: '#777777' }, 'text #777777 on theme.colors.surface #ffffff has a contrast of 4.47:1'],
  [{ text: '#767676', background: '#ffffff', alertSurface: '#ffffff' }, 'taken'],
  [{ accent: '#8fd' }, 'accentText #ffffff on theme.colors.accent #88ffdd has a contrast of 1.2:1'],
  [{ accent: '#8fd', accentText: '#000' }, 'accent #88ffdd on theme.colors.surface #ffffff'],
  [{ accent: '#123', accentText: '#234' }, 'accentText #223344 on theme.colors.accent #112233'],
  [{ softText: '#999' }, 'softText #999999 on theme.colors.surface'],
  [{ background: '#333' }, 'text #1b2430 on theme.colors.background #333333'],
  [{ alert: '#f66' }, 'alert #ff6666 on theme.colors.alertSurface'],
  [{ alertSurface: '#222' }, 'text #1b2430 on theme.colors.alertSurface'],
  [{ dark: { text: '#555' } }, 'theme.colors.dark.text #555555 on theme.colors.dark.surface'],
  [{ dark: { surface: '#fff' } }, 'theme.colors.dark.text #e7ebf0 on theme.colors.dark.surface'],
  [{ dark: false }, 'taken'],
])('[S206] of what cannot be read the pair is named, with its contrast: %j', (colors, said) => {
  expect(refusal({ colors })).toContain(said);
});

test('families of fonts may begin with a hyphen, and have names in quotes', () => {
  const font = "system-ui, -apple-system, 'Segoe UI', sans-serif";
  expect(checkTheme({ font }).font).toBe(font);
});

test('[S206] an accent alone has one for the night that can be read', () => {
  for (const accent of ['#000', '#00695c', '#b00020', '#4a148c', '#0b57d0', '#5d4037', '#006']) {
    expect([accent, refusal({ colors: { accent } })]).toEqual([accent, 'taken']);
    expect(checkTheme({ colors: { accent } }).dark!.accent).toMatch(/^#[0-9a-f]{6}$/);
  }
  expect(checkTheme({ colors: { dark: false } }).dark).toBeUndefined();
});

test.each([
  ['colors', { accent: 'red' }],
  ['colors', { accent: '#12345' }],
  ['colors', { accent: '#000;}*{display:none' }],
  ['colors', { acent: '#000' }],
  ['colors', { dark: true }],
  ['colors', null],
  ['name', ''],
  ['name', ' Acme'],
  ['name', 'Ac\u202eme'],
  ['name', 'A'.repeat(61)],
  ['logo', 'http://cdn.acme.example/logo.svg'],
  ['logo', '//cdn.acme.example/logo.svg'],
  ['logo', 'javascript:alert(1)'],
  ['logo', 'https://a;b/logo.svg'],
  ['logo', 'https://user@cdn.acme.example/logo.svg'],
  ['stylesheet', 'http://cdn.acme.example/mine.css'],
  ['stylesheet', '/mine.css"><script>'],
  ['stylesheet', '//cdn.acme.example/mine.css'],
  ['radius', -1],
  ['radius', 25],
  ['radius', NaN],
  ['radius', '8px'],
  ['font', ''],
  ['font', '-1em'],
  ['font', 'serif;}*{display:none'],
  ['font', 'url(x)'],
  ['font', '"Inter'],
])('a theme whose %s is %j is refused', (name, value) => {
  expect(refusal({ [name]: value })).toMatch(new RegExp(`theme\\.${name}`));
});

test.each([
  ['/logo.svg', "img-src 'self'"],
  ['https://cdn.acme.example/a/logo.svg?v=2', 'img-src https://cdn.acme.example'],
])('the policy lets the logo %s in, and no other image', async (logo, source) => {
  const app = await startApp({ factor: { theme: { logo, name: 'B&B' } } });
  const reader = await (await Reader.signedIn(app)).open('/second-factor/');
  expect(reader.headers['content-security-policy']!.split('; ')).toContain(source);
  expect(reader.page).toContain(`<img src="${logo}" alt="B&amp;B" />`);
  expect(reader.page).toContain(' · B&amp;B</title>');
  const styles = await fetch(`${app.url}/second-factor/style.css`);
  expect(await styles.text()).toContain('--accent-text:#ffffff');
});
