import { SecondFactorError } from '../../lib/errors';
import { sendChallenge } from '../../lib/express/send-challenge';
import { enrollmentOf, START } from '../helpers/core';
import { asJson, formPost, gateWorld, through, type GateWorld } from './gate-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
});

/** What the app's own handler finds after `challenge()`, or what was answered in its place. */
async function asked(options: object, more: object = {}) {
  const req = world.request({ ...formPost({}), ...asJson, ...more });
  const answer = through(sendChallenge(world.edge, options), req);
  (req.res as { locals?: object }).locals = { own: 'kept' };
  const { passed, status, headers, body, error } = await answer;
  const { locals } = req.res as unknown as { locals: object };
  return { passed, status, headers, error, locals, code: body && JSON.parse(body).code };
}

const none = { own: 'kept' };

test('a code goes out, and the app’s own page finds what there is to say of it', async () => {
  expect(await asked({})).toMatchObject({
    passed: true,
    locals: {
      own: 'kept',
      secondFactor: {
        challenge: { purpose: 'sign-in', sentAt: new Date(START).toISOString(), attemptsLeft: 5 },
      },
    },
  });
  expect(world.outbox.messages).toHaveLength(1);
});

test('a session that has passed gets the code of a step-up', async () => {
  const req = world.request({ ...formPost({}), ...asJson });
  await world.verify(req);
  const { passed } = await through(sendChallenge(world.edge, {}), req);
  expect(passed).toBe(true);
  expect(req.res).toMatchObject({
    locals: { secondFactor: { challenge: { purpose: 'step-up' } } },
  });
});

test.each<[string, object, string, number]>([
  ['is no post', { method: 'GET' }, 'method_not_allowed', 405],
  ['is of nobody', { user: undefined }, 'not_authenticated', 401],
  [
    'is of another site',
    { headers: { 'sec-fetch-site': 'cross-site' } },
    'cross_site_request',
    403,
  ],
])('what %s is refused, and no code goes out', async (_what, more, code, status) => {
  const refused = await asked({}, more);
  expect(refused).toMatchObject({ passed: false, status, code, locals: none });
  expect(refused.headers.Allow).toBe(status === 405 ? 'POST' : undefined);
  // An app that asks for it answers by itself.
  const left = await asked({ refusal: 'next' }, more);
  expect(left).toMatchObject({
    passed: true,
    locals: { own: 'kept', secondFactor: { problem: { code, status } } },
  });
  expect(world.outbox.messages).toEqual([]);
});

test('a carrier that refuses is a refusal; a wrong set-up is for the app’s error handlers', async () => {
  const fails = (error: SecondFactorError): void => {
    Object.assign(world.core, { sender: { send: () => Promise.reject(error) } });
  };
  fails(new SecondFactorError('delivery_failed', 'No.', { refused: true }));
  expect(await asked({})).toMatchObject({ passed: false, status: 502, code: 'delivery_failed' });
  const wrong = new SecondFactorError('misconfigured', 'Mend it.');
  fails(wrong);
  world.pass(600);
  expect(await asked({ refusal: 'next' })).toMatchObject({ passed: false, error: wrong });
});

test('what stands on the prototype of every object is no option', async () => {
  const inherited = Object.create({ refusal: 'next' }) as object;
  expect(await asked(inherited, { user: undefined })).toMatchObject({ passed: false, status: 401 });
});
