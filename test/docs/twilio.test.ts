import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { failoverSender, outboxSender, SecondFactorError, type SmsSender } from '../../lib';
import { blocksIn, runBlock } from './page';
import { typeErrors } from './type-errors';

const block = blocksIn('senders.md', 'ts').find((each) => each.includes('twilioSender'))!;
const { twilioSender } = runBlock('senders.md', block) as {
  twilioSender: (options: object) => SmsSender;
};
const text = { to: '+12065550142', body: 'Your code is 123456' };
const options = () => ({ signal: new AbortController().signal });

let server: Server;
let answer: { status: number; body: object };
let asked: { path: string; authorization: string | undefined; form: string }[];
let sender: SmsSender;
beforeEach(async () => {
  asked = [];
  answer = { status: 201, body: { sid: 'SM1' } };
  server = createServer((req, res) => {
    let form = '';
    req.on('data', (chunk: Buffer) => (form += chunk.toString()));
    req.on('end', () => {
      asked.push({ path: req.url ?? '', authorization: req.headers.authorization, form });
      res.writeHead(answer.status, { 'content-type': 'application/json' });
      res.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sender = twilioSender({ accountSid: 'AC1', authToken: 't', from: '+12065550100', baseUrl });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

test('the sender on the page compiles', () => {
  expect(typeErrors({ 'twilio.ts': block })).toEqual([]);
});

test('it sends a text as Twilio takes it', async () => {
  await expect(sender.send(text, options())).resolves.toEqual({ id: 'SM1' });
  const form = 'To=%2B12065550142&From=%2B12065550100&Body=Your+code+is+123456';
  const authorization = `Basic ${Buffer.from('AC1:t').toString('base64')}`;
  expect(asked).toEqual([{ path: '/2010-04-01/Accounts/AC1/Messages.json', authorization, form }]);
});

test.each([
  [400, 21610, 'phone_opted_out', 'opted_out', true],
  [400, 21211, 'delivery_failed', 'to_rejected', true],
  [400, 1, 'delivery_failed', 'rejected', true],
  [401, 20003, 'delivery_failed', 'credentials_rejected', true],
  [429, 20429, 'delivery_failed', 'rate_limited', true],
  [503, 20503, 'delivery_failed', 'unknown_outcome', false],
])('an answer %i with code %i is %s (%s)', async (status, code, error, reason, refused) => {
  answer = { status, body: { code } };
  const failed = await sender.send(text, options()).catch((thrown: unknown) => thrown);
  expect(failed).toBeInstanceOf(SecondFactorError);
  expect(failed).toMatchObject({ code: error, reason, refused });
  expect(String(failed)).not.toContain('123456');
});

test('a carrier that cannot be reached is followed by the next one', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
  await new Promise((resolve) => gone.close(resolve));
  const away = twilioSender({ accountSid: 'AC1', authToken: 't', from: '+12065550100', baseUrl });
  const outbox = outboxSender();
  await failoverSender([away, outbox]).send(text, options());
  expect(outbox.messages).toHaveLength(1);
});
