import { runApp } from '../row.mjs';

const EXPRESS = ['express-4.16', 'express-4', 'express'];
const PASSPORT = ['passport-0.6', 'passport'];
const SESSION = ['express-session-1.17', 'express-session-1.18', 'express-session'];

/** Each version of one with each version of another. */
const rows = EXPRESS.flatMap((express, e) =>
  SESSION.map((session, s) => ({
    // The newest of all are in the core by the rows of other kinds.
    core: s === e && express !== 'express',
    packages: { express, passport: PASSPORT[1 - (((e + s) >> 1) % 2)], 'express-session': session },
  })),
);
/**
 * Its sign-out leaves the session as it is, so that a request of before, which ends later, brings the
 * user back; nobody is told, and the gate is open.
 */
const older = {
  initialize: true,
  packages: {
    express: 'express-4.16',
    passport: 'passport-0.5',
    'express-session': 'express-session-1.17',
  },
  expected: {
    outcome: 'refused',
    why: /^by npm, passport 0\.5\.3 is not in .* fails: slow request/,
  },
};

export default {
  kind: 'Express, Passport, express-session',
  rows: [older, ...rows].map((row) => ({
    ...row,
    shown: Object.values(row.packages),
    run: (world) => runApp(row, world),
  })),
};
