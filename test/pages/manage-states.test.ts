import session from 'express-session';
import { newestCode, signIn, startApp, wrongCode, type TestApp } from '../helpers/app';
import type { Limits } from '../../lib/core/limits';
import { ROUTER } from '../helpers/paths';
import { attribute, formsIn, type Form } from '../helpers/web';
import { expectWellMade, Reader } from './reader';

/** As short as it is: a test starts it, and its end closes it. */
let app: TestApp;
let users = 0;

const start = async (limits: Partial<Limits> = {}): Promise<void> => {
  const many = [{ count: 1_000, seconds: 3_600 }];
  app = await startApp({
    store: new session.MemoryStore(),
    factor: {
      trustedDevices: { days: 30 },
      terms: '/terms',
      privacy: '/privacy',
      support: '/support',
      logoutPath: '/logout',
      allowedCountries: ['US', 'CA'],
      limits: {
        lockAfter: 3,
        ...limits,
        unconfirmedPerAddress: many,
        unconfirmedPerBlock: many,
        sentPerAddress: many,
        textsPerAddress: many,
        overall: [],
      },
    },
  });
};
beforeEach(() => start());

function newUser(): string {
  const username = `M${++users}`;
  app.users.set(username, { id: `id-of-${username}`, username, passwordVersion: 1 });
  return username;
}

/** A number that no other test has. */
const numberOf = (username: string, step = 0): string =>
  `206555${String(2_000 + Number(username.slice(1)) * 20 + step)}`;
const written = (number: string): string =>
  `+1 ${number.slice(0, 3)} ${number.slice(3, 6)} ${number.slice(6)}`;
const kept = (username: string) => app.enrollments.get(`id-of-${username}`);

async function fresh(): Promise<[Reader, string]> {
  const username = newUser();
  const reader = await Reader.signedIn(app, username);
  reader.agent.set('Sec-Fetch-Site', 'same-origin');
  return [await reader.open('/second-factor/'), username];
}

async function enrolling(): Promise<[Reader, string]> {
  const [reader, username] = await fresh();
  await reader.submit('/enrollment', { phone: numberOf(username) });
  return [reader, username];
}

async function enrolled(): Promise<[Reader, string]> {
  const [reader, username] = await enrolling();
  return [await reader.submit('/enrollment/verify', { code: newestCode(app) }), username];
}

/** The manage page of a user who has kept the codes. */
async function managing(): Promise<[Reader, string]> {
  const [reader, username] = await enrolled();
  await reader.submit('/recovery-codes/kept');
  await app.clock.advance(10);
  return [reader, username];
}

/** Wrong codes in another session: until the lock, or the hard stop. */
async function lockedOut(username: string): Promise<void> {
  const other = app.agent();
  await signIn(other, username);
  await other.post(ROUTER.challenge).send({}).expect(202);
  for (let step = 1; step <= 3; step += 1) {
    const code = wrongCode(newestCode(app), step);
    await other.post(ROUTER.verify).send({ code }).expect(401);
  }
}

const leave = (username: string, count: number): void => {
  const { recoveryCodes, ...rest } = kept(username)!;
  const digests = recoveryCodes!.digests.slice(0, count);
  app.enrollments.set(`id-of-${username}`, {
    ...rest,
    recoveryCodes: { ...recoveryCodes!, digests },
  });
};

/** The form in which a number is typed; the one that sends the code again has it as well. */
function typing({ page }: Reader): Form {
  const found = formsIn(page).find(({ html }) => html.includes('id="phone"'));
  if (found === undefined) throw new Error('no field for a number');
  return found;
}

const DISABLED = 'Codes to this phone are turned off after too many wrong ones.';

/** A manage page with what another session does meanwhile. */
async function meanwhile(act: (username: string) => unknown): Promise<[Reader, string]> {
  const [reader, username] = await managing();
  await act(username);
  return [await reader.open('/second-factor/'), username];
}

/** Two browsers are trusted, and the newer one shows its page. */
async function trusting(): Promise<[Reader, string]> {
  const [, username] = await managing();
  const once = async (): Promise<Reader> => {
    await app.clock.advance(31);
    const reader = await (await Reader.signedIn(app, username)).open('/second-factor/');
    await reader.submit('/challenge');
    await reader.post(reader.form('/verify'), { code: newestCode(app), trustDevice: 'on' });
    return reader.open('/second-factor/');
  };
  await once();
  return [await once(), username];
}

/** Each state, how it comes about, and what its page says and does not. */
const STATES: [
  state: string,
  reach: () => Promise<[Reader, string]>,
  says: string[] | ((username: string) => string[]),
  not: string[],
][] = [
  [
    'the first phone: an example, the countries, what is agreed to, and the ways out',
    fresh,
    [
      'For example, (201) 555-0123',
      'We text numbers in: Canada, United States',
      'Message and data rates may apply.',
      'Terms Privacy Help',
      'Not now',
      'Sign out',
      'Get help',
    ],
    ['Two-step verification is off', 'too many wrong codes'],
  ],
  [
    'a number that is being added: in full, to be changed or texted again, and the ways out',
    enrolling,
    (username) => [
      `we texted to ${written(numberOf(username))}`,
      'You can ask for it again in 30 seconds.',
      'Text it again',
      'Wrong number? Change it',
      'Not now',
      'Sign out',
      'Get help',
    ],
    ['••'],
  ],
  [
    'a first phone while codes are locked',
    async () => {
      const [reader, username] = await enrolling();
      for (let step = 1; step <= 3; step += 1) {
        const code = wrongCode(newestCode(app), step);
        await reader.submit('/enrollment/verify', { code });
      }
      return [reader, username];
    },
    ["we won't text a new one for now. You can ask for one in 15 minutes.", 'Not now', 'Get help'],
    [DISABLED, 'we texted to', 'Mobile number', 'Text it again'],
  ],
  [
    'a phone that was added: said beside its recovery codes',
    enrolled,
    (username) => [
      `From now on, we'll text your codes to ••• ••• ••${numberOf(username).slice(-2)}.`,
      'Download',
    ],
    ['Until then, your older recovery codes work'],
  ],
  [
    'codes that were saved: said once',
    managing,
    ['Your new recovery codes work now', 'You have 10 recovery codes left.', 'Sign out'],
    ['Did you save', 'Get new ones soon', 'too many wrong codes'],
  ],
  [
    'the same page once more: nothing has happened since',
    () => meanwhile(() => undefined),
    ['We text your codes to'],
    ['Your new recovery codes work now', DISABLED],
  ],
  [
    'few recovery codes',
    () => meanwhile((username) => leave(username, 2)),
    ['You have 2 recovery codes left. Get new ones soon.'],
    [],
  ],
  [
    'another number that waits for its code',
    async () => {
      const [reader, username] = await managing();
      return [await reader.submit('/enrollment', { phone: numberOf(username, 1) }), username];
    },
    (username) => [
      `We text your codes to ••• ••• ••${numberOf(username).slice(-2)}`,
      `we texted to ${written(numberOf(username, 1))}`,
      'Until then, codes go to your old number.',
      'Text it again',
    ],
    [],
  ],
  [
    'a number that was replaced',
    async () => {
      const [reader, username] = await managing();
      await reader.submit('/enrollment', { phone: numberOf(username, 1) });
      await reader.submit('/enrollment/verify', { code: newestCode(app) });
      return [reader, username];
    },
    (username) => [
      `From now on, we'll text your codes to ••• ••• ••${numberOf(username, 1).slice(-2)}.`,
      'Until then, your older recovery codes work.',
    ],
    [],
  ],
  [
    'a verified user whose codes somebody else has locked',
    () => meanwhile(lockedOut),
    ['There were too many wrong codes', 'You can ask for one in 15 minutes.', 'Get help'],
    [DISABLED],
  ],
  [
    'before it is turned off: what is lost',
    async () => {
      const [reader, username] = await trusting();
      return [await reader.submit('/enrollment/delete'), username];
    },
    [
      'Turn off two-step verification?',
      'password alone',
      'Your 10 recovery codes stop working.',
      'Your 2 trusted browsers are removed, too.',
      'Cancel',
    ],
    ["You'll be asked to add a phone again"],
  ],
  [
    'turned off: said where it leads',
    async () => {
      const [reader, username] = await managing();
      return [await reader.submitSurely('/enrollment/delete'), username];
    },
    ['Two-step verification is off.', 'Protect your account', 'Not now'],
    [],
  ],
  [
    'before new recovery codes: which ones stop working',
    async () => {
      const [reader, username] = await managing();
      return [await reader.submit('/recovery-codes'), username];
    },
    ['The 10 recovery codes that you have left stop working once you tell us'],
    [],
  ],
  [
    'no recovery code left: new ones are made at once, as nothing is lost',
    async () => {
      const [reader, username] = await meanwhile((each) => leave(each, 0));
      expect(reader.text).toContain('You have no recovery codes left. Get new ones soon.');
      return [await reader.submit('/recovery-codes'), username];
    },
    ['Your recovery codes', 'Download'],
    ["From now on, we'll text"],
  ],
  [
    'trusted browsers that are trusted no more',
    async () => {
      const [reader, username] = await trusting();
      expect(reader.text).toMatch(/Trusted since \w+ \d+, \d{4}, last used \w+ \d+, \d{4}/);
      await reader.submit('/devices/delete');
      expect(reader.text).toContain('Stop trusting all 2 browsers?');
      expect(reader.text).toContain("We'll ask for a code in each of them the next time.");
      return [await reader.submit('/devices/delete'), username];
    },
    ['Done. No browser is trusted anymore.', 'You have no trusted browsers.'],
    [],
  ],
];

test.each(STATES)('[S202] what the page says is so: %s', async (_state, reach, says, not) => {
  const [reader, username] = await reach();
  expectWellMade(reader);
  for (const each of typeof says === 'function' ? says(username) : says) {
    expect(reader.text).toContain(each);
  }
  for (const each of not) expect(reader.text).not.toContain(each);
});

test('[S202] a phone that the hard stop turned off is turned on by its own number, as the page says', async () => {
  await start({ hardStop: 3 });
  const [adding, username] = await enrolled();
  const [, typed = ''] = /<code>([^<]*)</.exec(adding.page) ?? [];
  await adding.submit('/recovery-codes/kept');
  await app.clock.advance(10);
  await lockedOut(username);
  const codes = await Reader.signedIn(app, username);
  await codes.open('/second-factor/');
  expect(codes.text).toContain(DISABLED);
  await codes.submit('/recovery', { recoveryCode: typed });
  await codes.open('/second-factor/');
  expect(codes.text).toContain(`${DISABLED} To turn them on again, confirm your number below`);
  await app.clock.advance(30);
  await codes.submit('/enrollment', { phone: numberOf(username) });
  await codes.submit('/enrollment/verify', { code: newestCode(app) });
  await codes.open('/second-factor/');
  expect(codes.text).not.toContain(DISABLED);
  expect(kept(username)!.disabledAt).toBeUndefined();
});

test('[S203] a refused number stays as it was typed, with the error at its field and the focus in it', async () => {
  for (const reach of [fresh, enrolling, managing]) {
    const [reader] = await reach();
    await reader.submit('/enrollment', { phone: '+44 7400 123456' });
    const { fields, html } = typing(reader);
    expect(fields.phone).toBe('+44 7400 123456');
    expect(html).toContain('text numbers in this country: United Kingdom.');
    // Those that are served are named once.
    expect(html.match(/Canada, United States/g)).toHaveLength(1);
    const input = /<input[^>]*id="phone"[^>]*>/s.exec(html)![0];
    expect(attribute(input, 'aria-invalid')).toBe('true');
    expect(attribute(input, 'aria-describedby')).toMatch(/^phone-problem /);
    expect(html).toContain('id="phone-problem"');
    // Nothing else takes the focus, and the form is not folded away.
    expect(reader.page.match(/ autofocus/g)).toHaveLength(1);
    expect(input).toMatch(/ autofocus/);
    const folded = /<details id="(?:number|expired)"[^>]*>/.exec(reader.page)?.[0];
    expect(folded ?? ' open').toContain(' open');
    expectWellMade(reader);
  }
});

test('[S203] an error stands at its field where that is further down, and a link on top leads there', async () => {
  const problem = (id: string, inside: string) =>
    new RegExp(`id="${id}" class="warning"[^]*${inside}`);
  const summary = (reader: Reader) =>
    [...reader.page.matchAll(/<p class="warning"><a href="([^"]*)">([^<]*)</g)].map((each) =>
      each.slice(1, 3),
    );
  const described = (reader: Reader, id: string) =>
    attribute(
      new RegExp(`<input[^>]*id="${id}"[^>]*>`, 's').exec(reader.page)![0],
      'aria-describedby',
    );

  const [reader] = await managing();
  await reader.submit('/enrollment', { phone: '555 01' });
  expect(summary(reader)).toEqual([['#phone', 'Check the phone number']]);
  expect(reader.page).not.toContain('id="problem"');

  await app.clock.advance(31);
  await reader.submit('/enrollment', { phone: '206 555 0188' });
  await reader.submit('/enrollment/verify', { code: wrongCode(newestCode(app)) });
  expect(summary(reader)).toEqual([['#code', 'Wrong code']]);
  expect(reader.page).toMatch(problem('problem', 'id="code"'));
  expect(reader.page.indexOf('id="problem"')).toBeGreaterThan(
    reader.page.indexOf('<h2>Confirm your new'),
  );
  expect(described(reader, 'code')).toMatch(/^problem/);
  expect(described(reader, 'phone')).not.toMatch(/problem/);
  expect(reader.page.match(/ autofocus/g)).toHaveLength(1);
  expectWellMade(reader);

  const [adding] = await enrolling();
  await adding.submit('/enrollment', { phone: '555 01' });
  expect(summary(adding)).toEqual([['#phone', 'Check the phone number']]);
  expect(described(adding, 'code')).not.toMatch(/problem/);
  expectWellMade(adding);
});

test('[S203] a mistyped number is changed at once, and the same one is texted again without being typed', async () => {
  const [reader, username] = await enrolling();
  // What was typed stands in the field, to be put right.
  expect(typing(reader).fields.phone).toBe(written(numberOf(username)));
  const changed = numberOf(username, 1);
  await reader.agent.post('/second-factor/enrollment').type('form').send({ phone: changed });
  await reader.open('/second-factor/');
  expect(reader.problem).toBe('');
  expect(reader.text).toContain(`we texted to ${written(changed)}`);
  expect(app.outbox.last()!.to).toBe(`+1${changed}`);
  await reader.submit('/enrollment');
  expect(reader.problem).toContain('Try again in');
  await app.clock.advance(60);
  await reader.submit('/enrollment');
  expect([reader.problem, app.outbox.messages.length]).toEqual(['', 3]);
  expect(app.outbox.last()!.to).toBe(`+1${changed}`);
  await reader.submit('/enrollment/verify', { code: newestCode(app) });
  expect(kept(username)!.phone).toBe(`+1${changed}`);
});

test('[S202] the number in full is for the session that typed it: JSON, the status and another session have it masked', async () => {
  const [reader, username] = await enrolling();
  const number = numberOf(username);
  const masked = `••• ••• ••${number.slice(-2)}`;
  for (const path of ['/second-factor/', '/second-factor/challenge', '/status']) {
    const answer = await reader.agent.get(path).set('Accept', 'application/json').expect(200);
    expect(answer.text).not.toContain(number.slice(3));
    if (path !== '/status') expect(answer.text).toContain(masked);
  }
  const other = await (await Reader.signedIn(app, username)).open('/second-factor/');
  expect(other.page).not.toContain(number.slice(3));
  expect(other.has('/enrollment/verify')).toBe(false);
});
