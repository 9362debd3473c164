import type { Core } from '../../../lib/core/core';
import { rememberText } from '../../../lib/core/delivery/sent-text';
import { answerHelp } from '../../../lib/core/send/hand-over';
import { SecondFactorError } from '../../../lib/errors';
import { challengeIn, makeWorld, PHONE, requester, send, START, take } from '../../helpers/core';

const HELP = 'Acme: codes to sign in.';
const DAY = 86_400;
type Sending = Core['sender']['send'];
const answering = (given: Partial<Core> = {}, limits = {}) =>
  makeWorld({ answers: () => ({ help: HELP }), ...given }, limits);
/** A sender that fails so. */
const failing = (reason: 'opted_out' | 'unavailable', refused: boolean) => {
  const error = new SecondFactorError('delivery_failed', 'No.', { reason, refused });
  return { send: () => Promise.reject(error) };
};

test('[S194] HELP is answered once a day and number', async () => {
  const world = answering();
  for (const answered of [true, false]) expect(await answerHelp(world.core, PHONE)).toBe(answered);
  expect(world.outbox.messages).toEqual([{ to: PHONE, body: HELP }]);
  world.pass(DAY);
  expect(await answerHelp(world.core, PHONE)).toBe(true);
});

test.each<[string, Partial<Core>, string]>([
  ['an app that answers nothing', { answers: undefined }, PHONE],
  ['an app that has no words for it', { answers: () => ({}) }, PHONE],
  ['a number that is not served', {}, '+18765550100'],
  ['a test number', { testCode: () => '123456' }, PHONE],
])('[S194] %s sends nothing and counts nothing', async (_what, given, phone) => {
  const world = answering(given);
  expect(await answerHelp(world.core, phone)).toBe(false);
  expect(world.outbox.messages).toEqual([]);
  expect(await world.counts()).toEqual({});
});

test('[S194] it is one of the texts of its phone, of which two of a day are kept', async () => {
  for (const [sent, answered] of [
    [27, true],
    [28, false],
  ] as const) {
    const world = answering();
    const key = `${world.core.keyring.subjects.phone(PHONE)}#s86400`;
    await take(world, key, { by: sent, seconds: DAY });
    expect(await answerHelp(world.core, PHONE)).toBe(answered);
  }
});

test('[S194] that the budget over all is used is told of nobody', async () => {
  const world = answering({}, { overall: [{ count: 1, seconds: 600 }] });
  expect(await answerHelp(world.core, PHONE)).toBe(true);
  expect(world.told('budget_alert')).toEqual([
    { at: START, userId: '', ip: undefined, budget: 'overall', count: 1, limit: 1 },
  ]);
});

test('it is in the language of the last text to the phone, where there are words in it', async () => {
  const helpIn = jest.fn((lang: string) => (lang === 'fr' ? 'Acme : codes.' : undefined));
  for (const [lang, more, body] of [
    [undefined, { helpIn }, HELP],
    ['fr', { helpIn }, 'Acme : codes.'],
    ['de', { helpIn }, HELP],
    ['fr', {}, HELP],
  ] as const) {
    const world = answering({ answers: () => ({ help: HELP, ...more }) });
    if (lang !== undefined) {
      const challenge = challengeIn(await send(world));
      await rememberText(world.core, requester('A', { lang: () => lang }), challenge, '0.1');
    }
    expect(await answerHelp(world.core, PHONE)).toBe(true);
    expect(world.outbox.last()?.body).toBe(body);
  }
  expect(helpIn.mock.calls).toEqual([['fr'], ['de']]);
});

test('where nobody knows the last text it is answered all the same', async () => {
  const world = answering();
  const { records } = world.core;
  await send(world);
  world.core.records = { ...records, get: () => Promise.reject(new Error('away')) };
  expect(await answerHelp(world.core, PHONE)).toBe(true);
  expect(world.outbox.last()?.body).toBe(HELP);
});

test('its sender has as long as for a code', async () => {
  const late: Sending = () => new Promise((resolve) => setTimeout(() => resolve({}), 20));
  const tell = jest.fn();
  expect(await answerHelp(answering({ sender: { send: late }, tell }).core, PHONE)).toBe(true);
  expect(tell).not.toHaveBeenCalled();
});

test.each([
  ['opted_out', true, false, 0],
  ['unavailable', true, false, 1],
  ['unavailable', false, true, 1],
] as const)(
  '[S194] where the carrier says %s (surely refused: %s) it is answered: %s, and the operator told %i times',
  async (reason, refused, answered, times) => {
    const tell = jest.fn();
    const world = answering({ sender: failing(reason, refused), tell });
    expect(await answerHelp(world.core, PHONE)).toBe(answered);
    const line = expect.stringMatching(/^HELP was not answered \(unavailable\)\. No\./) as string;
    expect(tell.mock.calls).toEqual(Array(times).fill(['error', 'help_failed', line]));
    // What surely cost nothing is given back.
    expect(Object.keys(await world.counts()).length > 0).toBe(answered);
    world.core.tell = undefined;
    world.core.sender = failing('unavailable', true);
    expect(await answerHelp(world.core, '+12065550199')).toBe(false);
  },
);
