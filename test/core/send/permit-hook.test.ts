import type { SendRequest } from '../../../lib/core/core';
import { permitSend } from '../../../lib/core/send/permit';
import { countNames, makeWorld, permit, requester, sendWish } from '../../helpers/core';

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

/** What a call of the hook takes, whatever it answers: of its user, and of its address. */
const CALLS = ['h3600', 'h86400'];

test('[S50] a hook that says no or fails refuses the text; the wait stays, and its call is all that is charged', async () => {
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
      expect(await countNames(world)).toEqual([...CALLS, 'texted0', 'wait']);
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
