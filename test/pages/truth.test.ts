import { SecondFactorError, type SmsSender } from '../../lib';
import { newestCode, startApp, wrongCode, type TestApp, type TestAppOptions } from '../helpers/app';
import { attribute } from '../helpers/web';
import { expectWellMade, Reader } from './reader';

const ADDRESS = 'ann@acme.example';

/** An app in which every way is open, and a carrier that can be told to fail. */
async function start(options: TestAppOptions = {}) {
  const mails: string[] = [];
  const carrier: { fails?: 'refused' | 'unknown' | 'stopped' } = {};
  const sending: { app?: TestApp } = {};
  const sender: SmsSender = {
    numbers: ['+14255550100'],
    send: (message) => {
      const { fails } = carrier;
      if (fails === undefined) return sending.app!.outbox.send(message);
      const code = fails === 'stopped' ? 'phone_opted_out' : 'delivery_failed';
      throw new SecondFactorError(code, 'as the test has it', { refused: fails !== 'unknown' });
    },
  };
  const app = await startApp({
    ...options,
    factor: {
      sender,
      support: '/help',
      logoutPath: '/logout',
      trustedDevices: { days: 30 },
      email: {
        sender: { send: ({ text }) => Promise.resolve(void mails.push(text)) },
        address: () => ADDRESS,
        stepUp: true,
      },
      ...options.factor,
    },
  });
  sending.app = app;
  return { app, mails, carrier };
}
type World = Awaited<ReturnType<typeof start>> & { reader: Reader };

/** Everything that says that a code is on its way. */
const ON_ITS_WAY = /we (?:re)?(?:texted|emailed)|on its way|you can ask for it again/i;

const wrongly = async ({ app, reader }: World, times: number): Promise<void> => {
  const code = newestCode(app);
  for (let step = 1; step <= times; step += 1) {
    await reader.submit('/verify', { code: wrongCode(code, step) });
  }
};

interface State {
  factor?: TestAppOptions['factor'];
  reach: (world: World) => Promise<unknown>;
  says: (string | RegExp)[];
  /** Beside what says that a code is on its way, where there is no field for one. */
  not?: (string | RegExp)[];
  /** Whether there is a field for a code. */
  field?: boolean;
  /** The forms that send a code, by their buttons. */
  sends: string[];
}

const EMAIL = 'Email me a code';
const EARLIER = "An earlier code won't work anymore, even if it arrives late.";
const STATES: Record<string, State> = {
  'nothing was sent yet': {
    reach: () => Promise.resolve(),
    says: ["We'll text a code to ••• ••• ••42"],
    sends: ['Text me a code', EMAIL],
  },
  'a code was texted': {
    reach: ({ reader }) => reader.submit('/challenge'),
    says: [/we texted to ••• ••• ••42/, 'You can ask for it again in 30 seconds'],
    field: true,
    sends: ['Text it again', EMAIL],
  },
  'a code was mailed': {
    reach: ({ reader }) => mail(reader),
    says: [/we emailed to a/, "Didn't get an email?", 'You can ask for it again in 30 seconds'],
    not: ["Didn't get a text", 'we texted', 'Text it again'],
    field: true,
    sends: ['Email it again', 'Text me a code instead'],
  },
  'a code was mailed again': {
    reach: async ({ app, reader }) => {
      await mail(reader);
      await app.clock.advance(30);
      await reader.submit('/challenge', { channel: 'email' });
    },
    says: ['We emailed it again.', /we emailed to a/],
    not: [/texted it/],
    field: true,
    sends: ['Email it again', 'Text me a code instead'],
  },
  'a code was texted again': {
    reach: async ({ app, reader }) => {
      await reader.submit('/challenge');
      await app.clock.advance(30);
      await reader.submit('/challenge');
    },
    says: ['We texted it again.', 'You can ask for it again in 60 seconds'],
    field: true,
    sends: ['Text it again', EMAIL],
  },
  'the carrier surely refused': {
    reach: async ({ carrier, reader }) => {
      carrier.fails = 'refused';
      await reader.submit('/challenge');
    },
    says: ['Problem sending', "We couldn't send the code.", "We'll text a code to ••• ••• ••42"],
    sends: ['Text me a code', EMAIL],
  },
  'the carrier may have taken it': {
    reach: async ({ carrier, reader }) => {
      carrier.fails = 'unknown';
      await reader.submit('/challenge');
    },
    says: [
      "We can't tell whether your code was sent.",
      "It may still arrive, but it won't work.",
      'We can send you a new code in 30 seconds.',
    ],
    not: ['another sign-in', "couldn't send"],
    sends: ['Text me a code', EMAIL],
  },
  'the carrier may have taken it once more': {
    reach: async ({ app, carrier, reader }) => {
      await reader.submit('/challenge');
      await app.clock.advance(30);
      carrier.fails = 'unknown';
      await reader.submit('/challenge');
    },
    says: ["We can't tell", "It's the same code as before, and it works.", /we texted to/],
    not: ["won't work", "couldn't send"],
    field: true,
    sends: ['Text it again', EMAIL],
  },
  'the same, once the page was loaded again': {
    reach: async ({ carrier, reader }) => {
      carrier.fails = 'unknown';
      await reader.submit('/challenge');
      await reader.open('/second-factor/');
    },
    says: [EARLIER, 'We can send you a new code in 30 seconds.'],
    not: ['another sign-in', "couldn't send"],
    sends: ['Text me a code', EMAIL],
  },
  'the mail was refused': {
    factor: {
      email: {
        sender: {
          send: () => {
            throw new SecondFactorError('delivery_failed', 'as the test has it', { refused: true });
          },
        },
        address: () => ADDRESS,
      },
    },
    reach: ({ reader }) => mail(reader),
    says: ['Problem sending', "We couldn't send the code."],
    not: ["couldn't send the text"],
    sends: ['Text me a code', EMAIL],
  },
  'five wrong codes': {
    reach: async (world) => {
      await world.reader.submit('/challenge');
      await wrongly(world, 5);
    },
    says: ["this code can't be used anymore", 'We can send you a new code in 30 seconds.'],
    not: ['another sign-in', 'try again', "We'll text"],
    sends: ['Text me a code', EMAIL],
  },
  'five wrong codes were typed, once the page was loaded again': {
    reach: async (world) => {
      await world.reader.submit('/challenge');
      await wrongly(world, 5);
      await world.reader.open('/second-factor/');
    },
    says: [EARLIER, 'We can send you a new code in 30 seconds.'],
    sends: ['Text me a code', EMAIL],
  },
  'two wrong codes': {
    reach: async (world) => {
      await world.reader.submit('/challenge');
      await wrongly(world, 2);
    },
    says: ['Wrong code', '3 attempts left'],
    field: true,
    sends: ['Text it again', EMAIL],
  },
  'the code is over': {
    reach: async ({ app, reader }) => {
      await reader.submit('/challenge');
      await app.clock.advance(300);
      await reader.submit('/verify', { code: newestCode(app) });
    },
    says: ['Code expired', 'Get a new one', "We'll text a code to"],
    sends: ['Text me a code', EMAIL],
  },
  'another browser asked a moment ago': {
    reach: async ({ app, reader }) => {
      const other = await (await Reader.signedIn(app)).open('/second-factor/');
      await other.submit('/challenge');
      await app.clock.advance(10);
      await reader.open('/second-factor/');
    },
    says: [
      "If you just got a code, it was for another sign-in or step, and it won't work here.",
      'We can send you a new code in 20 seconds.',
    ],
    sends: ['Text me a code', EMAIL],
  },
  'another browser asked, and this one was too soon': {
    reach: async ({ app, reader }) => {
      const other = await (await Reader.signedIn(app)).open('/second-factor/');
      await other.submit('/challenge');
      await reader.submit('/challenge');
    },
    says: ["We can't send another one just yet.", 'Try again in 30 seconds.', 'another sign-in'],
    sends: ['Text me a code', EMAIL],
  },
  'all codes of the hour are sent': {
    factor: {
      limits: { textsPerUser: [{ count: 1, seconds: 3_600 }] },
    },
    reach: async ({ app, reader }) => {
      await reader.submit('/challenge');
      await app.clock.advance(300);
      await reader.open('/second-factor/');
    },
    says: ["We've sent all the codes we can for now. You can get a new one in 55 minutes."],
    sends: [],
  },
  'all texts of the hour are sent, and mails are left': {
    factor: {
      limits: { textsPerPhone: [{ count: 1, seconds: 3_600 }] },
    },
    reach: async ({ app, reader }) => {
      await reader.submit('/challenge');
      await app.clock.advance(300);
      await reader.open('/second-factor/');
    },
    says: ['You can get a new one in 55 minutes.', /We can email a code to a/],
    sends: [EMAIL],
  },
  'the last code of the hour is on its way': {
    factor: {
      limits: { textsPerUser: [{ count: 1, seconds: 3_600 }] },
    },
    reach: ({ reader }) => reader.submit('/challenge'),
    says: [/we texted to/, 'You can get a new one in 60 minutes.'],
    not: ['Text it again', 'Text me a new code'],
    field: true,
    sends: [],
  },
  'the phone has stopped texts': {
    reach: async ({ carrier, reader }) => {
      carrier.fails = 'stopped';
      await reader.submit('/challenge');
    },
    says: [
      'This phone replied STOP to our texts. To get codes again, text UNSTOP from it to +14255550100.',
      'It can take up to an hour until that works.',
    ],
    sends: ['Text me a code', EMAIL],
  },
  'the phone has stopped texts while a code is on its way': {
    reach: async ({ app, carrier, reader }) => {
      await reader.submit('/challenge');
      await app.clock.advance(30);
      carrier.fails = 'stopped';
      await reader.submit('/challenge');
    },
    says: ['This phone replied STOP to our texts.', /we texted to/],
    field: true,
    sends: [EMAIL],
  },
  'the same, by a sender that names no number': {
    factor: {
      sender: {
        send: () => {
          throw new SecondFactorError('phone_opted_out', 'as the test has it', { refused: true });
        },
      },
    },
    reach: async ({ reader }) => {
      await reader.submit('/challenge');
      await reader.open('/second-factor/');
    },
    says: ['text UNSTOP to the number they came from'],
    sends: ['Text me a code', EMAIL],
  },
  'too many wrong codes': {
    factor: { limits: { lockAfter: 3 } },
    reach: async (world) => {
      await world.reader.submit('/challenge');
      await wrongly(world, 3);
    },
    says: ['There were too many wrong codes. You can try again in 15 minutes.'],
    not: ['Wrong code', 'recovery code'],
    sends: [],
  },
  'the hard stop': {
    factor: { limits: { lockAfter: 3, hardStop: 3 } },
    reach: async (world) => {
      await world.reader.submit('/challenge');
      await wrongly(world, 3);
    },
    says: ['Codes to this phone are turned off', 'Contact support'],
    not: ['Wrong code', 'try again'],
    sends: [],
  },
};

const mail = (reader: Reader): Promise<Reader> =>
  postTo(reader, (form) => form.html.includes(EMAIL));

async function postTo(reader: Reader, is: (form: { html: string }) => boolean): Promise<Reader> {
  const form = reader.forms.find(is);
  if (form === undefined) throw new Error(`no such form in: ${reader.text}`);
  const answer = await reader.post(form);
  return reader.open(answer.headers.location!);
}

/** The buttons of the forms that send a code. */
function sendsOf(reader: Reader): string[] {
  return reader.forms
    .filter(({ action }) => action === '/second-factor/challenge')
    .map(({ html }) => /<button[^>]*>([^<]*)/.exec(html)?.[1]?.trim() ?? '');
}

test.each(Object.entries(STATES))(
  '[S202] where %s, the page says so and offers what works',
  async (_name, { factor = {}, reach, says, not = [], field = false, sends }) => {
    const world = await start({ factor });
    const reader = await (await Reader.signedIn(world.app)).open('/second-factor/');
    await reach({ ...world, reader });
    for (const each of says) expect(reader.text).toMatch(asPattern(each));
    for (const each of not) expect(reader.text).not.toMatch(asPattern(each));
    if (!field) expect(reader.text).not.toMatch(ON_ITS_WAY);
    expect(reader.has('/verify')).toBe(field);
    expect(sendsOf(reader)).toEqual(sends);
    // A person to ask, and a way out, in every state.
    expect(reader.link('Get help')).toBe('/help');
    expect(reader.forms.some(({ action }) => action === '/logout')).toBe(true);
    expectWellMade(reader);
    // Nothing is said twice.
    const sentences = reader.text.match(/[A-Z][^.?!]*[.?!]/g) ?? [];
    expect(sentences).toEqual([...new Set(sentences)]);
  },
);

const asPattern = (each: string | RegExp): RegExp =>
  each instanceof RegExp ? each : new RegExp(each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

test('[S202] what went well is said once, where it is announced', async () => {
  const { app } = await start();
  const reader = await (await Reader.signedIn(app)).open('/second-factor/');
  await reader.submit('/challenge');
  expect(reader.page).not.toContain('class="notice"');
  await app.clock.advance(30);
  await reader.submit('/challenge');
  expect(reader.page).toMatch(/<p class="notice" role="status">We texted it again\.<\/p>/);
  await reader.open('/second-factor/');
  expect(reader.page).not.toContain('class="notice"');
});

test('[S202] where a code cannot be sent yet, the page does not ask for it by itself', async () => {
  const { app } = await start();
  const other = await (await Reader.signedIn(app)).open('/second-factor/');
  await other.submit('/challenge');
  const reader = await (await Reader.signedIn(app)).open('/second-factor/');
  expect(reader.page).not.toContain('data-submit-at-once');
  await app.clock.advance(30);
  await reader.open('/second-factor/');
  expect(reader.page).toContain('data-submit-at-once');
});

test('[S202] a mailed code is answered, and sent again, by mail', async () => {
  const { app, mails } = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await mail(reader);
  await app.clock.advance(30);
  await reader.submit('/challenge', { channel: 'email' });
  expect(app.outbox.messages).toEqual([]);
  expect(mails).toHaveLength(2);
  const [code] = /\d{6}/.exec(mails.at(-1)!)!;
  await reader.submit('/verify', { code });
  expect(reader.path).toBe('/secret');
});

test('[S202] the box for a trusted browser stays ticked after a wrong code, with its warning', async () => {
  const { app } = await start();
  const reader = await (await Reader.signedIn(app)).open('/secret');
  await reader.submit('/challenge');
  const box = () => /<input\s[^>]*name="trustDevice"[^>]*>/.exec(reader.page)?.[0] ?? '';
  expect(box()).not.toContain('checked');
  expect(reader.text).toContain('Leave this off on a device that other people use, too.');
  const wrong = wrongCode(newestCode(app));
  await reader.submit('/verify', { code: wrong, trustDevice: 'on' });
  expect(box()).toContain('checked');
  expect(attribute(box(), 'aria-describedby')).toBe('trust-warning');
  expect(reader.page).not.toContain(wrong);
  await reader.open('/second-factor/');
  expect(box()).not.toContain('checked');
  await reader.submit('/verify', { code: newestCode(app), trustDevice: 'on' });
  await app.clock.advance(601);
  // A step-up trusts nothing, so nothing of it is offered; and a mailed code changes no factor.
  await reader.open('/second-factor/');
  await reader.submit('/enrollment/delete');
  expect(sendsOf(reader)).toEqual(['Text me a code']);
  await reader.submit('/challenge');
  expect(reader.has('/verify')).toBe(true);
  expect(box()).toBe('');
});

test('[S202] of a number that only the carrier refuses the page says so, and not that it is written wrongly', async () => {
  const sender: SmsSender = {
    send: () => {
      const facts = { refused: true, reason: 'to_rejected' } as const;
      throw new SecondFactorError('delivery_failed', 'as the test has it', facts);
    },
  };
  const app = await startApp({ factor: { sender } });
  const reader = await (await Reader.signedIn(app, 'C')).open('/second-factor/');
  await reader.submit('/enrollment', { phone: '(206) 555-0177' });
  expect(reader.text).toContain("The phone network says this number can't get texts.");
  expect(reader.text).not.toContain('with its area code.');
});
