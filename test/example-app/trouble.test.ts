import { memoryCounter } from 'passport-sms-2fa';
import { ROUTER } from '../helpers/paths';
import { signUp, startBank } from './bank';

const PHONE = { phone: '2065550177' };

test('the log says that the carrier takes no texts, and why', async () => {
  const bank = await startBank({ sender: { send: () => Promise.reject(new Error('no route')) } });
  const agent = bank.agent();
  await signUp(agent, 'carol');
  await agent.post(ROUTER.enrollment).send(PHONE).expect(502);
  expect(bank.logged).toEqual([
    expect.stringMatching(/send_refused: .*\(unknown_outcome\)\. .*look it up at the carrier/),
  ]);
});

test('the log says that the counter is away, and with what error', async () => {
  const counter = memoryCounter();
  counter.settle = () => Promise.reject(new Error('connection refused'));
  const bank = await startBank({ counter });
  const agent = bank.agent();
  await signUp(agent, 'carol');
  await agent.post(ROUTER.enrollment).send(PHONE).expect(503);
  expect(bank.logged).toEqual([expect.stringMatching(/store_failed: .* connection refused\. See/)]);
});

test('the log says when most texts of the day are sent, and when all are', async () => {
  const bank = await startBank({ limits: { overall: [{ count: 2, seconds: 86_400 }] } });
  const agent = bank.agent();
  await signUp(agent, 'carol');
  await agent.post(ROUTER.enrollment).send(PHONE).expect(202);
  await bank.clock.advance(31);
  await agent.post(ROUTER.enrollment).send(PHONE).expect(202);
  expect(bank.logged.at(-1)).toMatch(/budget_alert: 2 of 2 texts of the budget overall/);
});
