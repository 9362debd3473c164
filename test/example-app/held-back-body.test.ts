import { once } from 'node:events';
import { request, type ClientRequest } from 'node:http';
import { listen } from '../../example-app/src/server/listen';
import { cookieFrom } from '../helpers/web';
import type { Agent } from '../helpers/app';
import { enroll, resetPassword, signUp, startBank, type RunningBank } from './bank';

let bank: RunningBank;
beforeEach(async () => {
  bank = await startBank();
});

const BODY = JSON.stringify({ to: 'dave', amount: '1' });

/** The headers of a transfer, taken in by the bank; the body is still to come. */
async function begin(agent: Agent): Promise<ClientRequest> {
  const arrived = once(bank.server, 'request');
  const transfer = request(`${bank.url}/transfer`, {
    method: 'POST',
    agent: false,
    headers: {
      cookie: cookieFrom(agent),
      accept: 'application/json',
      'content-type': 'application/json',
      'content-length': BODY.length,
    },
  });
  // Whoever waits for the answer is told of what breaks.
  transfer.on('error', () => undefined);
  transfer.flushHeaders();
  await arrived;
  return transfer;
}

async function finish(transfer: ClientRequest): Promise<number | undefined> {
  const answered = once(transfer, 'response');
  transfer.end(BODY);
  const [answer] = (await answered) as [{ statusCode?: number; resume(): void }];
  answer.resume();
  return answer.statusCode;
}

const moved = () => bank.database.prepare('SELECT * FROM transfers').all().length;

test('[S13] a transfer whose body is held back until the password was reset moves nothing', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  await signUp(bank.agent(), 'dave');
  const transfer = await begin(agent);
  await resetPassword(bank, 'carol');
  expect(await finish(transfer)).toBe(401);
  expect(moved()).toBe(0);
});

test('a transfer whose body is slow, and nothing else, goes through', async () => {
  const agent = bank.agent();
  await enroll(bank, agent, 'carol');
  await signUp(bank.agent(), 'dave');
  const transfer = await begin(agent);
  await bank.agent().get('/healthz').expect(200);
  expect(await finish(transfer)).toBe(200);
  expect(moved()).toBe(1);
});

test('the server waits half a minute for a request, not the five minutes of Node', async () => {
  const { server } = await listen((_req, res) => res.end(), 0, '127.0.0.1');
  expect([server.headersTimeout, server.requestTimeout]).toEqual([30_000, 30_000]);
  await new Promise((resolve) => server.close(resolve));
});
