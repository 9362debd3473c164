import { localPath, own } from '../core/untrusted';
import { inOption, misuse, refuseUnknown } from '../misuse';

/** Colors as `#rrggbb` or `#rgb`. What is left out has a calm default. */
export interface ThemeColors {
  /** Buttons, links and focus rings; default blue. */
  accent?: string | undefined;
  /** On a button; default white. */
  accentText?: string | undefined;
  /** Behind the card. */
  background?: string | undefined;
  /** The card. */
  surface?: string | undefined;
  text?: string | undefined;
  /** Hints, and the frames of fields. */
  softText?: string | undefined;
  /** The edge of the card. */
  line?: string | undefined;
  /** Errors, and what is behind them. */
  alert?: string | undefined;
  alertSurface?: string | undefined;
}

/** How the pages look. Text that cannot be read on what is behind it is refused at start. */
export interface ThemeOption {
  /** What the pages call the app, in any script; default `appName`. */
  name?: string | undefined;
  /** An image to stand in place of the name: an https address, or a path of the app. */
  logo?: string | undefined;
  /**
   * In daylight, and with `dark` where the browser wants it dark. Without an accent of its own the dark
   * has the other one, made lighter. `dark: false`: light everywhere.
   */
  colors?: (ThemeColors & { dark?: ThemeColors | false | undefined }) | undefined;
  /** Of corners, in pixels, 0 to 24; default 8. */
  radius?: number | undefined;
  /** Families as CSS has them: `'Inter, sans-serif'`. Default: the system's. */
  font?: string | undefined;
  /**
   * A style sheet of the app's own, read after the library's, so that its rules win: an https address, or
   * a path of the app. Default: none.
   */
  stylesheet?: string | undefined;
}

const NAMES = [
  'accent',
  'accentText',
  'background',
  'surface',
  'text',
  'softText',
  'line',
  'alert',
  'alertSurface',
] as const satisfies (keyof ThemeColors)[];

type Palette = Readonly<Record<(typeof NAMES)[number], string>>;

/** The same, checked and complete. */
export interface Theme {
  readonly name: string | undefined;
  readonly logo: string | undefined;
  readonly light: Palette;
  /** `undefined`: light everywhere. */
  readonly dark: Palette | undefined;
  readonly radius: number;
  readonly font: string;
  readonly stylesheet: string | undefined;
}

const LIGHT: Palette = {
  accent: '#0b57d0',
  accentText: '#ffffff',
  background: '#f2f4f7',
  surface: '#ffffff',
  text: '#1b2430',
  softText: '#566170',
  line: '#d9dee5',
  alert: '#8c1d18',
  alertSurface: '#fdeeed',
};
const DARK: Palette = {
  accent: '#8ab4f8',
  accentText: '#10141a',
  background: '#10141a',
  surface: '#1a2029',
  text: '#e7ebf0',
  softText: '#a5b0bd',
  line: '#343d4a',
  alert: '#f6b3ae',
  alertSurface: '#3a1d1b',
};

/** What is read, on what is behind it. */
const PAIRS = [
  ['text', 'surface'],
  ['text', 'background'],
  ['softText', 'surface'],
  ['accentText', 'accent'],
  ['accent', 'surface'],
  ['text', 'alertSurface'],
  ['alert', 'alertSurface'],
] as const;

/** WCAG 2.2, 1.4.3. */
const LEAST = 4.5;

/** The option `theme`. */
export function checkTheme(given: unknown = {}): Theme {
  const place = inOption('theme');
  const cure =
    "Give { name, logo, colors, radius, font, stylesheet }, such as { colors: { accent: '#00695c' } }.";
  refuseUnknown(place, given, ['name', 'logo', 'colors', 'radius', 'font', 'stylesheet'], cure);
  const colors = own(given, 'colors') === undefined ? {} : own(given, 'colors');
  refuseUnknown(inOption('theme.colors'), colors, [...NAMES, 'dark'], 'Give an object of colors.');
  const light = palette('theme.colors', colors, LIGHT);
  return Object.freeze({
    name: checkName(own(given, 'name')),
    logo: checkAddress('logo', own(given, 'logo'), '/logo.svg'),
    light,
    dark: darkPalette(own(colors, 'dark'), own(colors, 'accent') === undefined ? undefined : light),
    radius: checkRadius(own(given, 'radius')),
    font: checkFont(own(given, 'font')),
    stylesheet: checkAddress('stylesheet', own(given, 'stylesheet'), '/second-factor.css'),
  });
}

function darkPalette(given: unknown, light: Palette | undefined): Palette | undefined {
  if (given === false) return undefined;
  if (given !== undefined) {
    const cure = 'Give an object of colors, false for none, or leave it out.';
    refuseUnknown(inOption('theme.colors.dark'), given, NAMES, cure);
  }
  const surface = hex(own(given, 'surface'));
  const accent = light && lightened(light.accent, surface ?? DARK.surface);
  return palette('theme.colors.dark', given, accent === undefined ? DARK : { ...DARK, accent });
}

/** Given colors over defaults. What cannot be read is refused, by the names of both and their ratio. */
function palette(option: string, given: unknown, defaults: Palette): Palette {
  const entries = NAMES.map((name) => {
    const color = own(given, name);
    if (color === undefined) return [name, defaults[name]];
    const read = hex(color);
    if (read === undefined) {
      throw misuse(`${option}.${name}`, color, 'Give a color such as #0b57d0.');
    }
    return [name, read];
  });
  const colors = Object.freeze(Object.fromEntries(entries) as Palette);
  for (const [front, back] of PAIRS) {
    const ratio = contrast(colors[front], colors[back]);
    if (ratio >= LEAST) continue;
    const said = `${colors[front]} on ${option}.${back} ${colors[back]}`;
    // Cut, not rounded: 4.49 is no 4.5.
    const shown = Math.floor(ratio * 100) / 100;
    throw new TypeError(
      `passport-sms-2fa: ${option}.${front} ${said} has a contrast of ${shown}:1. Give colors of at least ${LEAST}:1 (WCAG 1.4.3).`,
    );
  }
  return colors;
}

/** `#rrggbb`; `undefined` for what is no color. Written into a style sheet, so nothing else passes. */
function hex(given: unknown): string | undefined {
  if (typeof given !== 'string' || !/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(given)) return undefined;
  const long = given.length === 4 ? given.replace(/[0-9a-f]/gi, '$&$&') : given;
  return long.toLowerCase();
}

/** WCAG 2.2: contrast ratio. */
function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((channel) => {
    const part = channel / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}

/** The color mixed with white until it can be read well on a dark surface, and dark on it. */
function lightened(color: string, surface: string): string {
  for (let white = 0; white < 1; white += 0.05) {
    const mixed = channels(color).map((each) => Math.round(each + (255 - each) * white));
    const found = `#${mixed.map((each) => each.toString(16).padStart(2, '0')).join('')}`;
    if (contrast(found, surface) >= 6 && contrast(found, DARK.accentText) >= 6) return found;
  }
  return '#ffffff';
}

function checkName(given: unknown): string | undefined {
  if (given === undefined) return undefined;
  if (typeof given === 'string' && /^[^\p{C}\s](?:[^\p{C}]{0,58}[^\p{C}\s])?$/u.test(given)) {
    return given;
  }
  throw misuse('theme.name', given, 'Give a name of 1 to 60 characters, or leave it out.');
}

function checkAddress(
  name: 'logo' | 'stylesheet',
  given: unknown,
  such: string,
): string | undefined {
  if (given === undefined || (typeof given === 'string' && localPath(given) === given))
    return given;
  const isAddress =
    typeof given === 'string' &&
    /^https:\/\/[a-z0-9.:-]+\/[\w.~!$&()+=:@%/?-]{1,500}$/.test(given) &&
    URL.canParse(given);
  if (isAddress) return given;
  const cure = `Give an https address or a path of the app, such as ${such}.`;
  throw misuse(`theme.${name}`, given, cure);
}

function checkRadius(given: unknown = 8): number {
  if (typeof given === 'number' && given >= 0 && given <= 24) return given;
  throw misuse('theme.radius', given, 'Give pixels from 0 to 24.');
}

function checkFont(given: unknown = 'system-ui, sans-serif'): string {
  // Nothing that ends a declaration.
  const family = /^(?:-?[a-z][\w -]*|"[\w -]+"|'[\w -]+')$/i;
  if (typeof given === 'string' && given.length <= 200) {
    if (given.split(',').every((each) => family.test(each.trim()))) return given;
  }
  throw misuse('theme.font', given, "Give families as CSS has them, such as 'Inter, sans-serif'.");
}
