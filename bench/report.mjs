import { cpus } from 'node:os';
import { APPS, OPERATIONS } from './load.mjs';
import { median, ratio } from './statistics.mjs';

/** The measurements as Markdown, a section for each part. */

const NAMES = {
  signIn: 'sign-in (password only)',
  send: 'send',
  wrong: 'wrong code',
  verify: 'verify',
  gated: 'gate, passed',
};
const whole = (number) => Math.round(number).toLocaleString('en-US');
const places = (number, digits = 2) => number.toFixed(digits);

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A row for each operation: the medians of each app, and what `compare` makes of ours and theirs. */
function ofEachApp(series, compare) {
  const rows = OPERATIONS.map((operation) => [
    NAMES[operation],
    ...APPS.map((app) => {
      const theirs = series[app][operation];
      if (theirs.length === 0) return '';
      const shown = whole(median(theirs));
      if (app === 'library') return `**${shown}**`;
      return `${shown} (${places(compare(series.library[operation], theirs))} ×)`;
    }),
  ]);
  return table(['', ...APPS], rows);
}

const SECTIONS = {
  wire: (apps) => {
    const pair = (found) => (found ? `${found.waits} · ${found.commands.length}` : '');
    const rows = Object.keys(apps.library).map((operation) => {
      const [bare, ours] = [apps.bare[operation], apps.library[operation]];
      const beyond = `**${ours.waits - bare.waits} · ${ours.commands.length - bare.commands.length}**`;
      const peers = [apps.floor, apps['better-auth']].map((app) => pair(app[operation]));
      return [NAMES[operation], beyond, pair(ours), pair(bare), ...peers];
    });
    const head = ['', 'ours', 'whole request', 'bare app', 'floor', 'better-auth'];
    return `## Waits and commands in Redis\n\nWaits that follow one another · commands. "Ours" is the whole request without what the bare app takes for it.\n\n${table(head, rows)}`;
  },
  storage: (found) => {
    const row = (name, { used, keys, usage, length }) => [
      name,
      `**${whole(used)}**`,
      `**${whole(keys)}**`,
      whole(usage),
      whole(length),
    ];
    const head = ['beyond the session', 'bytes in use', 'keys', '`MEMORY USAGE`', 'key and value'];
    return `## Storage in Redis\n\n${table(
      head,
      Object.entries(found).map(([name, of]) => row(name, of)),
    )}`;
  },
  scale: ({ apps, memory }) => {
    const taken = Object.entries(apps).map(([name, of]) => [
      name,
      of.commands,
      of.scripts,
      whole(of.received),
      whole(of.sent),
      `**${whole(of.processor)}**`,
      whole(1e6 / of.processor),
      whole(of.rate),
    ]);
    const head = ['a sign-in', 'commands', 'scripts', 'bytes to Redis', 'bytes from it'];
    const more = [
      'processor time of Redis, µs',
      'a second by one core',
      'a second on this machine',
    ];
    const sizes = Object.keys(Object.values(memory)[0]).map(Number);
    const kept = Object.entries(memory).map(([state, bytes]) => [
      state,
      ...sizes.map((users) => whole(bytes[users])),
    ]);
    const users = sizes.map((each) => `bytes a user, of ${whole(each)}`);
    return `## Sign-ins of one Redis, pipelined\n\n${table([...head, ...more], taken)}\n\n${table(['', ...users], kept)}`;
  },
  structure: ({ roads, lib }) => {
    const rows = [
      ...['send', 'verify', 'gated'].map((road) => [
        `files that run for: ${NAMES[road]}`,
        roads[road].length,
      ]),
      ['files of `lib`', lib.files],
      ['files of 45 lines or fewer with a single importer', lib.shortWithOneImporter.length],
      ['circles of files', lib.fileCircles.length],
      ['circles of folders', lib.folderCircles.length],
    ];
    return `## Structure\n\n${table(['', ''], rows)}`;
  },
  startup: ({ milliseconds, packages }) => {
    const rows = packages.map(([name, time]) => [name, places(time, 1)]);
    return `## Start-up\n\n\`require()\` beyond express, express-session and passport: **${places(milliseconds, 1)} ms**. Of that, measured apart and with some cost of measuring:\n\n${table(['', 'ms'], rows)}`;
  },
  pages: ({ requests, bytes, paint, slowest }) => {
    const together = bytes.style + bytes.script;
    const rows = [
      ['requests, the first time and afterwards', requests.join(' · ')],
      [
        'bytes of the page, of its styles, of its script',
        Object.values(bytes).map(whole).join(' · '),
      ],
      ['bytes of styles and script together', `**${whole(together)}**`],
      ['first paint in ms, the first time and afterwards', paint.map(whole).join(' · ')],
      ['the slowest first one', whole(slowest)],
    ];
    return `## The page that asks for a code\n\nIn Chromium on the same machine, uncompressed; medians of fresh browsers.\n\n${table(['', ''], rows)}`;
  },
  growth: (stores) => {
    const rows = stores.map(({ store, pending, middle, most }) => [
      store,
      whole(pending),
      places(middle),
      places(most),
    ]);
    return `## Growth\n\nOne send after another, beside so many pending challenges.\n\n${table(['store', 'pending', 'median ms', 'longest ms'], rows)}`;
  },
  load: (stores) =>
    Object.entries(stores)
      .map(([store, { rates, times, gate }]) => {
        const gates = `gated ${whole(median(gate.gated))}, ungated ${whole(median(gate.ungated))}: **${places(ratio(gate.gated, gate.ungated))}**`;
        return [
          `## Requests per second, ${store}`,
          "Medians; in brackets the library's rate as a multiple of this one's.",
          ofEachApp(rates, (ours, theirs) => ratio(ours, theirs)),
          `The gate against the same route ungated: ${gates}`,
          `## Processor time, ${store}`,
          'Microseconds that the serving process takes for one request, medians; in brackets how often ours goes into it.',
          ofEachApp(times, (ours, theirs) => ratio(theirs, ours)),
        ].join('\n\n');
      })
      .join('\n\n'),
};

export function report(found) {
  const machine = `${cpus().length} cores, Node.js ${process.versions.node}, Redis ${found.redisVersion}. Written by \`npm run bench\`; how it is measured: [README.md](README.md).`;
  const parts = Object.keys(SECTIONS).filter((part) => part in found);
  return `# Results\n\n${machine}\n\n${parts.map((part) => SECTIONS[part](found[part])).join('\n\n')}\n`;
}
