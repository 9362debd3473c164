import { APPS, OPERATIONS } from './load.mjs';
import { median } from './statistics.mjs';

/** The requests per second as horizontal bars, readable on a light and on a dark ground. */

const COLORS = {
  library: '#2f81f7',
  floor: '#8b949e',
  'better-auth': '#d29922',
  'passport-totp': '#a371f7',
};
const LABELS = { signIn: 'sign-in', send: 'send', wrong: 'wrong code', verify: 'verify' };
const [WIDTH, LEFT, RIGHT, BAR, GAP] = [720, 190, 70, 14, 12];

export function picture(stores) {
  const parts = [];
  let y = 10;
  const text = (x, content, more = '') =>
    parts.push(`<text x="${x}" y="${y + BAR - 3}" ${more}>${content}</text>`);
  for (const [store, { rates }] of Object.entries(stores)) {
    const all = APPS.flatMap((app) => OPERATIONS.map((operation) => rates[app][operation]))
      .filter((found) => found.length > 0)
      .map(median);
    const scale = (WIDTH - LEFT - RIGHT) / Math.max(...all);
    text(10, `Requests per second, ${store === 'redis' ? 'Redis' : 'memory'}`, 'class="title"');
    y += BAR + GAP;
    for (const operation of OPERATIONS) {
      text(10, LABELS[operation]);
      for (const app of APPS.filter((name) => rates[name][operation].length > 0)) {
        const rate = median(rates[app][operation]);
        const length = Math.max(1, rate * scale);
        text(LEFT - 6, app, 'text-anchor="end"');
        parts.push(
          `<rect x="${LEFT}" y="${y}" width="${length.toFixed(1)}" height="${BAR - 2}" fill="${COLORS[app]}"/>`,
        );
        text(LEFT + length + 5, Math.round(rate).toLocaleString('en-US'));
        y += BAR;
      }
      y += GAP;
    }
    y += GAP;
  }
  const style =
    'text{font:11px sans-serif;fill:#1f2328}.title{font-weight:bold;font-size:13px}' +
    '@media(prefers-color-scheme:dark){text{fill:#e6edf3}}';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="Requests per second of each operation"><style>${style}</style>\n${parts.join('\n')}\n</svg>\n`;
}
