import fc from 'fast-check';

export const BROWSERS = 3;
/** Copies of the owner's jars that the thief has at the same time. */
export const COPIES = 3;

/** What becomes of an answer: its cookies are kept at once, never, or when the step is over. */
export type Fate = 'kept' | 'lost' | 'late';

/** Requests in the same moment, one for each fate, of tabs that share a jar. */
export type Tabs = Fate[];

/** One command, as data: it prints as it is, and shrinks. */
export type Step =
  /** The owner signs in, opens a page in these tabs, and answers a code where one is asked for. */
  | { do: 'sign in'; browser: number; tabs: Tabs; more: number; trust: boolean; posts: Tabs }
  /** The password alone: no page is opened yet. */
  | { do: 'type password'; browser: number }
  | { do: 'visit'; browser: number; tabs: Tabs; more: number }
  | { do: 'step up'; browser: number; posts: Tabs }
  /** `while`: in the same moment a code is posted. */
  | { do: 'sign out'; browser: number; tabs: Tabs; while: 'nothing' | 'verifying' }
  | { do: 'save' | 'restore'; browser: number }
  | { do: 'end trust'; browser: number; tabs: Tabs }
  | { do: 'revoke' | 'NO' }
  | { do: 'advance'; seconds: number }
  | { do: 'copy'; browser: number; copy: number }
  /** The thief opens a page, asks for a text or ends the trust with what the copy holds now. */
  | { do: 'thief visits' | 'thief asks for a text' | 'thief ends trust'; copy: number }
  /** With the password, and the other cookies of the copy. */
  | { do: 'thief signs in'; copy: number };

const browser = fc.nat(BROWSERS - 1);
const copy = fc.nat(COPIES - 1);
const fate = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Fate>('kept') },
  { weight: 2, arbitrary: fc.constant<Fate>('lost') },
  { weight: 2, arbitrary: fc.constant<Fate>('late') },
);
const tabs = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Tabs>(['kept']) },
  { weight: 4, arbitrary: fc.array(fate, { minLength: 1, maxLength: 2 }) },
);
const posts = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Tabs>(['kept']) },
  { weight: 3, arbitrary: fc.array(fate, { minLength: 1, maxLength: 3 }) },
);
const more = fc.nat(3);
const seconds = fc.constantFrom(1, 5, 11, 31, 61, 300, 601, 3_601, 7_200, 86_401, 864_000);

const signIn = fc.record({
  do: fc.constant('sign in' as const),
  browser,
  tabs,
  more,
  trust: fc.boolean(),
  posts,
});
const one = (arbitrary: fc.Arbitrary<Step>): fc.Arbitrary<Step[]> =>
  arbitrary.map((step) => [step]);
const just = (step: Step): fc.Arbitrary<Step[]> => fc.constant([step]);

/** What pure chance would seldom get to. */
const thefts: [number, fc.Arbitrary<Step[]>][] = [
  [
    3,
    fc
      .tuple(signIn, copy, fc.constantFrom('sign out', 'revoke', 'NO', 'end trust'))
      .map(([into, copy, end]): Step[] => [
        into,
        { do: 'copy', browser: into.browser, copy },
        { do: 'thief visits', copy },
        end === 'sign out'
          ? { do: end, browser: into.browser, tabs: ['kept'], while: 'nothing' }
          : end === 'end trust'
            ? { do: end, browser: into.browser, tabs: ['kept'] }
            : { do: end as 'revoke' },
        { do: 'thief visits', copy },
      ]),
  ],
  [
    3,
    fc
      .tuple(signIn, copy, fc.nat(2))
      .map(([into, copy, uses]): Step[] => [
        { ...into, trust: true },
        { do: 'copy', browser: into.browser, copy },
        ...Array<Step>(uses).fill(into),
        { do: 'thief signs in', copy },
        { do: 'thief visits', copy },
      ]),
  ],
  [
    1,
    fc
      .tuple(copy, fc.boolean())
      .map(([copy, visits]): Step[] => [
        { do: 'thief signs in', copy },
        { do: 'thief asks for a text', copy },
        ...(visits ? [{ do: 'thief visits' as const, copy }] : []),
        { do: 'NO' },
      ]),
  ],
];

const plain: [number, fc.Arbitrary<Step[]>][] = [
  [8, one(signIn)],
  [1, one(fc.record({ do: fc.constant('type password' as const), browser }))],
  [3, one(fc.record({ do: fc.constant('visit' as const), browser, tabs, more }))],
  [2, one(fc.record({ do: fc.constant('step up' as const), browser, posts }))],
  [
    3,
    one(
      fc.record({
        do: fc.constant('sign out' as const),
        browser,
        tabs,
        while: fc.constantFrom('nothing' as const, 'verifying' as const),
      }),
    ),
  ],
  [3, one(fc.record({ do: fc.constant('save' as const), browser }))],
  [3, one(fc.record({ do: fc.constant('restore' as const), browser }))],
  [1, one(fc.record({ do: fc.constant('end trust' as const), browser, tabs }))],
  [1, just({ do: 'revoke' })],
  [1, just({ do: 'NO' })],
  [4, one(fc.record({ do: fc.constant('advance' as const), seconds }))],
  [3, one(fc.record({ do: fc.constant('copy' as const), browser, copy }))],
  [3, one(fc.record({ do: fc.constant('thief visits' as const), copy }))],
  [3, one(fc.record({ do: fc.constant('thief signs in' as const), copy }))],
  [1, one(fc.record({ do: fc.constant('thief asks for a text' as const), copy }))],
  [1, one(fc.record({ do: fc.constant('thief ends trust' as const), copy }))],
];

export const LONGEST = 40;

export function walks(): fc.Arbitrary<Step[]> {
  const some = fc.oneof(
    ...[...plain, ...thefts].map(([weight, arbitrary]) => ({ weight, arbitrary })),
  );
  return fc
    .array(some, { minLength: 1, maxLength: LONGEST, size: 'max' })
    .map((groups) => groups.flat().slice(0, LONGEST));
}

const opens = (browser: number, tabs: Tabs = ['kept'], more = 0): Step => ({
  ...{ do: 'sign in', browser, tabs, more },
  ...{ trust: true, posts: ['kept'] },
});
const copied: Step = { do: 'copy', browser: 0, copy: 0 };
const thiefVisits: Step = { do: 'thief visits', copy: 0 };
const thiefIsBack: Step[] = [{ do: 'thief signs in', copy: 0 }, thiefVisits];
const beforeThePage: Step[] = [
  ...[opens(0), { do: 'type password' as const, browser: 0 }, copied],
  { do: 'visit', browser: 0, tabs: ['kept'], more: 0 },
];

/** Walks that chance seldom takes, each of them whole. */
export const KNOWN: [Step[]][] = [
  [[opens(0), copied, ...thiefIsBack, opens(0), opens(0), ...thiefIsBack]],
  [[...beforeThePage, { do: 'advance', seconds: 61 }, thiefVisits]],
  [
    [
      ...beforeThePage,
      { do: 'sign out', browser: 0, tabs: ['kept'], while: 'nothing' },
      thiefVisits,
    ],
  ],
  [[opens(0), opens(0, ['late', 'lost'], 2), opens(0)]],
];
