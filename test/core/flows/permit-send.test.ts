import type { SendRequest } from '../../../lib/core/core';
import { permitSend, type SendWish } from '../../../lib/core/send/permit';
import { makeWorld, PHONE, requester, type World } from '../../helpers/core';

const DAY = 86_400;
const wish = (more: Partial<SendWish> = {}): SendWish => ({
  userId: 'A',
  address: '192.0.2.1',
  phone: PHONE,
  confirmed: true,
  purpose: 'sign-in',
  ...more,
});
const permit = (world: World, more: Partial<SendWish> = {}) => {
  const wanted = wish(more);
  const who = requester(wanted.userId, { address: wanted.address });
  return permitSend(world.core, who, wanted);
};

test('a permit says when the next text may go, how many are left, and what was taken', async () => {
  const world = makeWorld();
  const now = world.core.clock();
  const { keyring } = world.core;
  const user = expect.stringMatching(/^texts:user:86400:[0-9a-f]{40}$/);
  const phone = keyring.fingerprint('phone', PHONE);
  const address = keyring.fingerprint('address', '192.0.2.1');
  expect(await permit(world)).toEqual({
    ok: true,
    permit: {
      resendAt: now + 30_000,
      sendsLeft: 4,
      charges: [
        { key: `texts:phone:600:${phone}`, expiresAt: now + 600_000 },
        { key: `texts:phone:86400:${phone}`, expiresAt: now + DAY * 1_000 },
        { key: `texts:address:600:${address}`, expiresAt: now + 600_000 },
        { key: user, expiresAt: now + DAY * 1_000 },
      ],
      wait: [expect.stringMatching(/^wait:user:[0-9a-f]{40}$/), `wait:phone:${phone}`],
    },
  });
});

test('an unconfirmed phone has keys of its own', async () => {
  const world = makeWorld();
  const { keyring } = world.core;
  const phone = keyring.fingerprint('phone', PHONE);
  const block = keyring.fingerprint('block', '+1206555');
  const address = keyring.fingerprint('address', '192.0.2.1');
  const answer = await permit(world, { confirmed: false, purpose: 'enroll' });
  const keys = answer.ok ? answer.permit.charges.map(({ key }) => key) : [];
  expect(keys).toEqual([
    `texts:unconfirmed-phone:86400:${phone}`,
    `texts:unconfirmed-address:3600:${address}`,
    `texts:unconfirmed-address:86400:${address}`,
    `texts:unconfirmed-block:3600:${block}`,
    expect.stringMatching(/^texts:user:86400:/),
    expect.stringMatching(/^phones:86400:[0-9a-f]{40}$/),
    'unverified:hour:country:US',
    'unverified:day:country:US',
    `unverified:hour:block:${block}`,
    `unverified:day:block:${block}`,
  ]);
  expect(answer.ok && answer.permit.wait[1]).toBe(`wait:unconfirmed-phone:${phone}`);
  expect(answer.ok && answer.permit.sendsLeft).toBe(4);
  expect(world.added.filter(({ key }) => key.startsWith('tried:'))).toEqual([
    { key: expect.stringMatching(/^tried:86400:[0-9a-f]{40}:/), lifetimeMs: DAY * 1_000 },
  ]);
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
    expect((await permitSend(world.core, who, wish({ phone: '+16045550142' }))).ok).toBe(true);
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
    const world = makeWorld({ beforeSend }, { carrierCall: 0.02 });
    expect(await permit(world)).toMatchObject({ ok: false, ...expected });
    expect(Object.keys(await world.counts()).map((key) => key.split(':')[0])).toEqual([
      'wait',
      'wait',
    ]);
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
