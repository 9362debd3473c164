import type { ThemeColors, ThemeOption } from 'passport-sms-2fa';

/** By day and by night: each color is the custom property of its name in both style sheets. */
const LIGHT = {
  accent: '#1d5c63',
  accentText: '#ffffff',
  background: '#f4f3ee',
  surface: '#ffffff',
  text: '#1f2a2e',
  softText: '#566468',
  line: '#d9dcd6',
  alert: '#8a2315',
  alertSurface: '#fbeae6',
} satisfies ThemeColors;

const DARK = {
  accent: '#7cc4c9',
  accentText: '#0e2326',
  background: '#14191b',
  surface: '#1d2427',
  text: '#e6eae8',
  softText: '#a2b0b3',
  line: '#354044',
  alert: '#f5c1b8',
  alertSurface: '#43211c',
} satisfies ThemeColors;

/** One look for the bank's pages and the second factor's: the library is handed what is here. */
export const THEME = {
  colors: { ...LIGHT, dark: DARK },
  radius: 10,
  font: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
} satisfies ThemeOption;

/** What the bank's own pages need beside them: for what went well. */
const GOOD = { good: '#1c5632', goodSurface: '#e2f0e6' };
const GOOD_DARK = { good: '#b5e3c5', goodSurface: '#17382a' };

/** The custom properties by day, and those by night. */
export const PROPERTIES = {
  day: properties({ ...LIGHT, ...GOOD }),
  night: properties({ ...DARK, ...GOOD_DARK }),
};

function properties(colors: Record<string, string>): string {
  return Object.entries(colors)
    .map(([name, color]) => {
      const property = name.replace(/[A-Z]/g, (each) => `-${each.toLowerCase()}`);
      return `--${property}: ${color};`;
    })
    .join(' ');
}
