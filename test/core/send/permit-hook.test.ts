import type { SendRequest } from '../../../lib/core/core';
import type { Limits } from '../../../lib/core/limits';
import { permitSend } from '../../../lib/core/send/permit';
import { countNames, makeWorld, permit, requester, sendWish, type World } from '../../helpers/core';

const withLimits = (limits: Partial<Limits>): World =>
  makeWorld({}, { resendWait: [15], ...limits });

test('an alert goes out once, when four fifths of a budget over all are used', async () => {
  const world = withLimits({ overall: [{ count: 9, seconds: 600 }] });
  for (let each = 0; each < 9; each += 1) {
    await permit(world, { userId: `u${each}`, phone: `+1206555010${each}` });
    expect(world.told('budget_alert')).toHaveLength(each < 7 ? 0 : 1);
  }
  const facts = { at: world.core.clock(), userId: 'u7', ip: '192.0.2.1' };
  expect(world.told('budget_alert')).toEqual([{ ...facts, budget: 'overall', count: 8, limit: 9 }]);
});

test('other budgets give no alert', async () => {
  const world = withLimits({ textsPerUser: [{ count: 1, seconds: 600 }] });
  expect(await permit(world)).toMatchObject({ ok: true, permit: { sendsLeft: 0 } });
  expect(world.events).toEqual([]);
});

test('[S50] the hook is told everything of the text, and may let it pass', async () => {
  for (const answer of [true, undefined, Promise.resolve(true)]) {
    const asked: SendRequest[] = [];
    const beforeSend = (request: SendRequest) => {
      asked.push(request);
      return answer;
    };
    const world = makeWorld({ beforeSend });
    const who = requester('A', { request: 'the request' });
    expect((await permitSend(world.core, who, sendWish({ phone: '+16045550142' }))).ok).toBe(true);
    expect(asked).toEqual([
      {
        req: 'the request',
        channel: 'sms',
        user: { id: 'A' },
        userId: 'A',
        ip: '192.0.2.1',
        phone: '+16045550142',
        country: 'CA',
        confirmed: true,
        purpose: 'sign-in',
      },
    ]);
  }
});

test('[S50] a hook that says no or fails refuses the text; the wait stays, no budget is charged', async () => {
  const fault = new Error('look-up down');
  const fails = () => {
    throw fault;
  };
  for (const [beforeSend, expected] of [
    [() => false, { code: 'send_refused', error: undefined }],
    [fails, { code: 'sending_suspended', error: fault }],
    [() => new Promise<boolean>(() => undefined), { code: 'sending_suspended' }],
  ] as const) {
    for (const confirmed of [true, false]) {
      const world = makeWorld({ beforeSend }, { carrierCall: 0.02 });
      expect(await permit(world, { confirmed })).toMatchObject({ ok: false, ...expected });
      expect(await countNames(world)).toEqual(['texted0', 'wait']);
      expect(await permit(world, { confirmed })).toMatchObject({ code: 'resend_too_soon' });
    }
  }
});

test('a hook has as long as the carrier', async () => {
  const beforeSend = () => new Promise<boolean>((resolve) => setTimeout(resolve, 30, true));
  expect((await permit(makeWorld({ beforeSend }, { carrierCall: 1 }))).ok).toBe(true);
});

test('[S47] a destination that is no longer served is refused before anything is counted', async () => {
  const world = makeWorld({ allowedCountries: new Set(['CA']) });
  expect(await permit(world)).toEqual({ ok: false, code: 'destination_not_allowed' });
  expect(world.added).toEqual([]);
});
