import fc from 'fast-check';
import { JARS, USERS, type Fault, type UserName } from './world';

/** Which code is typed: see `codeFor`. */
type Kind = 'right' | 'wrong' | 'old' | 'other' | 'malformed';

export type SendStep =
  | { do: 'send'; jar: number; copies: number }
  | { do: 'enroll'; jar: number; phone: number; copies: number };
export interface CodeStep {
  do: 'verify' | 'confirm';
  jar: number;
  code: Kind;
  /** How many arrive in the same moment. */
  copies: number;
}

/** One command, as data: it prints as it is, and shrinks. */
export type Step =
  | { do: 'sign in'; jar: number; user: UserName }
  | { do: 'switch user'; jar: number; user: UserName }
  | { do: 'log out' | 'remove'; jar: number }
  | SendStep
  | CodeStep
  /** A slow request writes the session back after it was ended. */
  | { do: 'resurrect'; jar: number; by: 'log out' | 'sign in' | 'verify'; seconds: number }
  | { do: 'advance'; seconds: number }
  | { do: 'out of band'; user: UserName; what: 'phone' | 'removal' | 'password' }
  | ({ do: 'fault' } & Fault);

/** Numbers that a user may type at enrollment; the first two are enrolled already. */
export const TYPED = ['+12065550142', '+12065550143', '+12065550171', '+12065550172'] as const;

const jar = fc.nat(JARS - 1);
const user = fc.constantFrom(...USERS);
const phone = fc.nat(TYPED.length - 1);
const copies = fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 8 }));
const code = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Kind>('right') },
  { weight: 5, arbitrary: fc.constant<Kind>('wrong') },
  fc.constantFrom<Kind>('old', 'other', 'malformed'),
);
/** Tens of seconds: what Redis ages in real time meanwhile is less, and no cache outlives one. */
const seconds = fc.constantFrom(10, 30, 30, 60, 60, 120, 180, 300, 600, 900, 3_600, 86_400);

/** Right away, or when nobody remembers any more that the session was ended. */
const slowness = fc.constantFrom(0, 7_200);

const one = <T extends Step>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Step[]> =>
  arbitrary.map((step) => [step]);

const plain: [number, fc.Arbitrary<Step[]>][] = [
  [3, one(fc.record({ do: fc.constant('sign in' as const), jar, user }))],
  [1, one(fc.record({ do: fc.constant('switch user' as const), jar, user }))],
  [1, one(fc.record({ do: fc.constant('log out' as const), jar }))],
  [1, one(fc.record({ do: fc.constant('remove' as const), jar }))],
  [5, one(fc.record({ do: fc.constant('send' as const), jar, copies }))],
  [5, one(fc.record({ do: fc.constant('verify' as const), jar, code, copies }))],
  [3, one(fc.record({ do: fc.constant('enroll' as const), jar, phone, copies }))],
  [3, one(fc.record({ do: fc.constant('confirm' as const), jar, code, copies }))],
  [5, one(fc.record({ do: fc.constant('advance' as const), seconds }))],
  [
    1,
    one(
      fc.record({
        do: fc.constant('out of band' as const),
        user,
        what: fc.constantFrom('phone', 'phone', 'removal', 'password'),
      }),
    ),
  ],
  [
    1,
    one(
      fc.record({
        do: fc.constant('resurrect' as const),
        jar,
        by: fc.constantFrom('log out', 'sign in', 'verify'),
        seconds: slowness,
      }),
    ),
  ],
];

const later = (seconds: number): Step => ({ do: 'advance', seconds });
const changed = (user: UserName, what: 'phone' | 'password'): Step => ({
  do: 'out of band',
  user,
  what,
});
const signIn = (jar: number, user: UserName): Step => ({ do: 'sign in', jar, user });
const switchTo = (jar: number, user: UserName): Step => ({ do: 'switch user', jar, user });
const send = (jar: number): Step => ({ do: 'send', jar, copies: 1 });
const verify = (jar: number, code: Kind, copies = 1): Step => ({ do: 'verify', jar, code, copies });
const enroll = (jar: number, phone: number): Step[] => [
  { do: 'enroll', jar, phone, copies: 1 },
  { do: 'confirm', jar, code: 'right', copies: 1 },
];
const pass = (jar: number, user: UserName): Step[] => [
  signIn(jar, user),
  send(jar),
  verify(jar, 'right'),
];
const burst = (jar: number, seconds: number): Step[] => [
  send(jar),
  verify(jar, 'wrong', 6),
  { do: 'advance', seconds },
];

/** Two guesses from the lock, where locks come early. */
const nearlyLocked = (jar: number): Step[] => [
  send(jar),
  verify(jar, 'wrong', 2),
  { do: 'advance', seconds: 300 },
  send(jar),
];
const slowLogOut = ([first]: Step[], seconds: number): Step => {
  const jar = first !== undefined && 'jar' in first ? first.jar : 0;
  return { do: 'resurrect', jar, by: 'log out', seconds };
};

const group = (make: (jar: number, user: UserName, phone: number) => Step[]) =>
  fc.tuple(jar, user, phone).map((chosen) => make(...chosen));

/** What people and attackers do in one go; pure chance would seldom get that far. */
const sequences: [number, fc.Arbitrary<Step[]>][] = [
  [4, group(pass)],
  [2, group((jar, user, phone) => [...pass(jar, user), later(10), ...enroll(jar, phone)])],
  [1, group((jar, user) => [...pass(jar, user), { do: 'remove', jar }])],
  [2, group((jar, user) => [signIn(jar, user), send(jar), verify(jar, 'right', 8)])],
  [1, group((jar, user) => [signIn(jar, user), ...nearlyLocked(jar), verify(jar, 'right', 8)])],
  [1, group((jar) => [signIn(jar, 'A'), send(jar), switchTo(jar, 'B'), verify(jar, 'right')])],
  [2, group((jar) => [...pass(jar, 'A'), switchTo(jar, 'B')])],
  [
    2,
    fc
      .tuple(group(pass), slowness)
      .map(([steps, seconds]) => [...steps, slowLogOut(steps, seconds)]),
  ],
  [2, group((jar, _user, phone) => [signIn(jar, 'C'), ...enroll(jar, phone)])],
  [2, group((jar, user) => [...pass(jar, user), changed(user, 'phone'), later(10)])],
  [2, group((jar, user) => [...pass(jar, user), changed(user, 'password')])],
  [2, group((jar, user) => [signIn(jar, user), ...burst(jar, 60), ...burst(jar, 120), send(jar)])],
  [
    1,
    group((jar, user) => [
      signIn(jar, user),
      ...Array.from({ length: 11 }, () => [send(jar), later(600)]).flat(),
    ]),
  ],
  [2, group((jar, user) => [signIn(jar, user), ...burst(jar, 60), ...burst(jar, 900)])],
  [
    1,
    group((jar, user) => [
      signIn(jar, user),
      ...Array.from({ length: 5 }, () => burst(jar, 86_400)).flat(),
    ]),
  ],
];

type Part = Fault['part'];
const operations: [Part, string, number][] = [
  ...['get', 'set', 'destroy'].map((name): [Part, string, number] => ['session', name, 4]),
  // As often as the session store: most of what is decided is decided here.
  ...Array.from({ length: 3 }, (): [Part, string, number] => ['counter', 'settle', 5]),
  ...['get', 'set', 'delete'].map((name): [Part, string, number] => ['enrollments', name, 1]),
  ['sms', 'send', 1],
];
const fault = fc
  .tuple(fc.constantFrom(...operations), fc.nat(), fc.constantFrom('error', 'late'))
  .map(([[part, operation, calls], k, mode]): Step => {
    return { do: 'fault', part, operation, k: 1 + (k % calls), mode };
  });

/** Something breaks in one command of a sequence that would have gone well. */
const broken = fc
  .tuple(fc.oneof(...sequences.slice(0, 9).map(([, each]) => each)), fault, fc.nat())
  .map(([whole, fault, at]) => whole.toSpliced(at % whole.length, 0, fault));

export const LONGEST = 40;

/** A run of at most forty commands. */
export function steps(withFaults: boolean): fc.Arbitrary<Step[]> {
  const faults: [number, fc.Arbitrary<Step[]>][] = withFaults ? [[40, broken]] : [];
  const kinds = [...plain, ...sequences, ...faults];
  const some = fc.oneof(...kinds.map(([weight, arbitrary]) => ({ weight, arbitrary })));
  return fc
    .array(some, { minLength: 1, maxLength: LONGEST, size: 'max' })
    .map((groups) => groups.flat().slice(0, LONGEST));
}
