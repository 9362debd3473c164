import { flowrouteSender, type SecondFactorEvents } from '../../lib';
import { MAGIC_NUMBERS, SIMULATOR_CREDENTIALS, type FaultMode } from '../../lib/simulator';
import { signIn, startApp } from '../helpers/app';
import { ROUTER } from '../helpers/paths';
import { closeSimulators, runSimulator } from '../simulator/running';

afterEach(closeSimulators);

type Refused = SecondFactorEvents['send_refused'];

/** An app that texts over the simulated carrier, and what it is told of refusals. */
async function world() {
  const simulator = await runSimulator();
  const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: simulator.url });
  const app = await startApp({ factor: { sender } });
  const refused: Refused[] = [];
  app.secondFactor.on('send_refused', (facts) => refused.push(facts));
  return { simulator, app, refused };
}

/** After these nobody knows whether it went out. */
const UNSURE = new Set<FaultMode>(['500', '503', 'html-202', 'empty-202', 'ok-200']);

/** Status, words and cure of each; what the user reads is whether it may have gone out, and whether to wait. */
const ROWS: [FaultMode, number, RegExp | undefined, RegExp][] = [
  ['401', 401, /API credentials/, /accessKey and secretKey/],
  ['402', 402, /Payment is required/, /the balance/],
  ['403', 403, /permission to access/, /enabled for messaging/],
  ['422', 422, /incorrect value/, /Check from, and what the text says/],
  ['429', 429, /Rate limits/, /ask Flowroute for a higher rate/],
  ['500', 500, /unexpected error/, /ask its support/],
  ['503', 503, /maintenance/, /Wait a little/],
  ['unregistered', 422, /not registered for 10DLC/, /a 10DLC brand and campaign/],
  ['not-enabled', 400, /not SMS enabled/, /enabled for messaging/],
  ['html-202', 202, undefined, /Check baseUrl, and any proxy/],
  ['empty-202', 202, undefined, /Check baseUrl, and any proxy/],
  ['ok-200', 200, undefined, /Check baseUrl, and any proxy/],
];

/** What nobody who waits a moment gets past: somebody has to mend it. */
const LASTING: FaultMode[] = ['401', '402', '403', '422', 'unregistered', 'not-enabled'];

test.each(ROWS)(
  '[S195] [S196] of %s (%i) the operator reads status, words, support id and cure, the user nothing',
  async (mode, status, says, cure) => {
    const { simulator, app, refused } = await world();
    const agent = app.agent();
    await signIn(agent);
    await simulator.fault(mode);
    const answer = await agent.post(ROUTER.challenge).expect(502);
    expect(answer.body).toMatchObject({
      code: 'delivery_failed',
      detail: expect.stringMatching(
        UNSURE.has(mode)
          ? /^We can't tell whether your code was sent\.$/
          : LASTING.includes(mode)
            ? /^We can't send codes this way right now, .* such as a recovery code/
            : /^We couldn't send the code\. Try again in a moment\.$/,
      ),
    });
    expect(answer.text).not.toMatch(/Flowroute|10DLC|credential|baseUrl|support|proxy/i);
    const [{ carrier } = {} as Refused] = refused;
    expect(refused).toHaveLength(1);
    expect(carrier).toEqual({
      status,
      cure: expect.stringMatching(cure),
      ...(says === undefined
        ? {}
        : {
            says: expect.stringMatching(says),
            supportId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          }),
    });
    // No number, and no code.
    expect(`${carrier?.says} ${carrier?.cure}`).not.toMatch(/\d{4}/);
  },
);

test.each([
  ['landline-refused', 'phone_invalid'],
  ['unregistered', 'delivery_failed'],
  ['not-enabled', 'delivery_failed'],
  ['422', 'delivery_failed'],
] as const)('[S195] a new number that meets %s is answered %s', async (mode, code) => {
  const { app, refused } = await world();
  const agent = app.agent();
  await signIn(agent, 'C');
  const phone = Object.keys(MAGIC_NUMBERS).find((each) => MAGIC_NUMBERS[each] === mode);
  const answer = await agent.post(ROUTER.enrollment).send({ phone: `+${phone}` });
  expect(answer.body.code).toBe(code);
  expect(refused[0]?.carrier?.says).toBeDefined();
});

test('what a text costs is on the event', async () => {
  const { app } = await world();
  const sent: SecondFactorEvents['sent'][] = [];
  app.secondFactor.on('sent', (facts) => sent.push(facts));
  const agent = app.agent();
  await signIn(agent);
  await agent.post(ROUTER.challenge).expect(202);
  expect(sent).toMatchObject([{ price: 0.004, segments: 1 }]);
});
