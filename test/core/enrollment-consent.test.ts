import * as consent from '../../lib/core/enrollment';
import type { Core } from '../../lib/core/core';
import {
  enrolled,
  newestCode,
  PHONES,
  signIn,
  startApp,
  type TestApp,
  type TestAppOptions,
} from '../helpers/app';
import { english, makeWorld } from '../helpers/core';

const consentOf = (core: Core) => consent.consentOf(core, english.sayText);
const agreedConsent = (core: Core) => consent.agreedConsent(core, english.sayText);

const LINKS = {
  terms: 'https://acme.example/terms',
  privacy: '/privacy',
  support: 'https://help.acme.example',
};
const HOME = '/second-factor/';
const ENROLL = '/second-factor/enrollment';
const NEW = '+12065550199';
let app: TestApp;

async function start(
  factor: TestAppOptions['factor'] = LINKS,
): Promise<ReturnType<TestApp['agent']>> {
  app = await startApp({ factor });
  const agent = app.agent();
  await signIn(agent, 'C');
  return agent;
}
// eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- not every test starts one
afterEach(() => app?.close());

test('[S198] the words say what for, that it may cost, how to stop, and HELP only where it is answered', () => {
  const { core } = makeWorld();
  const { text } = consentOf(core);
  for (const part of [/Acme/, /codes/, /rates may apply/, /Reply STOP/]) expect(text).toMatch(part);
  expect(text).not.toContain('HELP');
  expect(consentOf({ ...core, answers: () => ({ help: 'x' }) }).text).toContain('HELP for help');
});

test('[S198] the version changes with the words and with each address, and with nothing else', () => {
  const { core } = makeWorld({ links: LINKS });
  const others = [
    { ...core, appName: 'Other' },
    { ...core, answers: () => ({ help: 'x' }) },
    ...Object.keys(LINKS).map((name) => ({ ...core, links: { ...LINKS, [name]: '/other' } })),
  ];
  const versions = [core, ...others].map((each) => consentOf(each).version);
  expect(new Set(versions).size).toBe(6);
  const elsewhere = { ...core, domain: 'other.example' };
  expect(consentOf(elsewhere).version).toBe(versions[0]);
  expect(agreedConsent({ ...core, links: { ...LINKS, terms: undefined } })).toBeUndefined();
});

test('[S198] the page says it at the field, before the button, with the links', async () => {
  const agent = await start();
  const page = (await agent.get(HOME).set('Accept', 'text/html').expect(200)).text;
  const [form = ''] = /<form[^>]*\/enrollment"[^]*?<\/form>/.exec(page) ?? [];
  const [, line = '', after = ''] =
    /<p class="hint" id="phone-consent">([^]*?)<\/p>([^]*)/.exec(form) ?? [];
  expect(line).toContain('Message and data rates may apply. Reply STOP to end them');
  expect(after).toContain('<button');
  expect(form).toMatch(/aria-describedby="[^"]*phone-consent/);
  expect([...line.matchAll(/<a href="([^"]*)">(\w+)</g)].map(([, ...both]) => both)).toEqual([
    [LINKS.terms, 'Terms'],
    [LINKS.privacy, 'Privacy'],
    [LINKS.support, 'Help'],
  ]);
});

test('[S198] without addresses the page says it all the same, and no link', async () => {
  const agent = await start({});
  const page = (await agent.get(HOME).set('Accept', 'text/html').expect(200)).text;
  const [, line = ''] = /id="phone-consent">([^]*?)<\/p>/.exec(page) ?? [];
  expect(line).toContain('Reply STOP');
  expect(line).not.toContain('<a');
  expect((await agent.get(HOME)).body.consent).toBeUndefined();
});

test('[S198] JSON has it, and what was agreed to is kept, survives other writes, and is renewed by a replacement', async () => {
  const agent = await start();
  const { consent } = (await agent.get(HOME).expect(200)).body;
  expect(consent).toEqual({
    ...LINKS,
    text: expect.stringContaining('Reply STOP'),
    version: expect.stringMatching(/^[0-9a-f]{12}$/),
  });
  const named = app.clock();
  await agent.post(ENROLL).send({ phone: NEW }).expect(202);
  await app.clock.advance(40);
  await agent
    .post(`${ENROLL}/verify`)
    .send({ code: newestCode(app, NEW) })
    .expect(200);
  const kept = { at: named, version: consent.version };
  expect(app.enrollments.get('id-of-C')).toMatchObject({ phone: NEW, consent: kept });

  await agent.post('/second-factor/recovery-codes').send({}).expect(200);
  expect(app.enrollments.get('id-of-C')).toMatchObject({
    version: expect.any(Number),
    consent: kept,
  });

  await app.clock.advance(60);
  const again = app.clock();
  await agent.post(ENROLL).send({ phone: '+12065550188' }).expect(202);
  await agent
    .post(`${ENROLL}/verify`)
    .send({ code: newestCode(app, '+12065550188') })
    .expect(200);
  expect(app.enrollments.get('id-of-C')).toMatchObject({
    phone: '+12065550188',
    consent: { at: again, version: consent.version },
  });
});

test('[S198] a replacement where there are no terms any more keeps what was agreed to before', async () => {
  const agent = await start({});
  const consent = { at: 7, version: 'of then' };
  app.enrollments.set('id-of-C', { ...enrolled(PHONES.B), consent });
  await agent.post('/second-factor/challenge').send({}).expect(202);
  await agent
    .post('/second-factor/verify')
    .send({ code: newestCode(app, PHONES.B) })
    .expect(200);
  await app.clock.advance(10);
  await agent.post(ENROLL).send({ phone: NEW }).expect(202);
  await agent
    .post(`${ENROLL}/verify`)
    .send({ code: newestCode(app, NEW) })
    .expect(200);
  expect(app.enrollments.get('id-of-C')).toMatchObject({ phone: NEW, consent });
});

test('[S198] no address is named that the app has not', () => {
  const { core } = makeWorld();
  expect(Object.keys(consentOf(core))).toEqual(['text', 'version']);
  for (const [name, address] of Object.entries(LINKS)) {
    const { text: _, version: __, ...links } = consentOf({ ...core, links: { [name]: address } });
    expect(links).toStrictEqual({ [name]: address });
  }
});

const dueOf = (answer: unknown) => consent.enrollmentDue(() => answer as never, {}, 1_000);

test.each([[null], [undefined], ['Required'], [{}], [{ requiredFrom: new Date(NaN) }], [7]])(
  '[S207] a policy that says %j opens nothing, and its operator reads what it may say',
  async (answer) => {
    const error = { code: 'misconfigured' };
    await expect(dueOf(answer)).rejects.toMatchObject(error);
    await expect(dueOf(answer)).rejects.toThrow("'optional', 'required' or { requiredFrom: date }");
  },
);

test('[S207] a policy that cannot be asked for is a broken store, by its name', async () => {
  const due = dueOf(Promise.reject(new Error('away')));
  await expect(due).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect(due).rejects.toThrow(/^enrollment\b/);
});

test.each([
  [999, { required: true, from: 999 }],
  [1_000, { required: true, from: 1_000 }],
  [1_001, { required: false, from: 1_001 }],
  [Date.UTC(10_000, 0) - 1, { required: false, from: Date.UTC(10_000, 0) - 1 }],
  // No document can say it.
  [Date.UTC(10_000, 0), { required: false }],
])('from the moment %i on a factor is required at 1000: %j', async (at, due) => {
  expect(await dueOf({ requiredFrom: new Date(at) })).toStrictEqual(due);
});

test('a policy is the same for everybody, or asked for each user', async () => {
  const optional = { required: false };
  expect(await consent.enrollmentDue('optional', {}, 1_000)).toEqual(optional);
  expect(await consent.enrollmentDue('required', {}, 1_000)).toEqual({ required: true });
  const asked = ({ name }: { name: string }) => (name === 'Ann' ? 'required' : 'optional');
  const due = (name: string) => consent.enrollmentDue(asked, { name }, 1_000);
  expect([await due('Ann'), await due('Bob')]).toEqual([{ required: true }, optional]);
});
