import { carrierError, closeSimulators, runSimulator, TO } from './running';

afterEach(closeSimulators);

const MAIL = { to: 'alice@bank.example', subject: 'Your account', text: 'Hello Alice.' };

test('mails are kept newest first, with an id and the time, and found by their address', async () => {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const simulator = await runSimulator({ clock: () => now });
  const first = await simulator.call('/mails', { json: MAIL });
  expect(first.status).toBe(201);
  const id = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(first.json).toEqual({ ...MAIL, id, at: '2026-01-02T03:04:05.000Z' });
  now += 1000;
  await simulator.call('/mails', { json: { ...MAIL, subject: 'newer' } });
  await simulator.call('/mails', { json: { ...MAIL, to: 'bob@bank.example' } });
  const all = await simulator.call('/mails');
  expect(all.headers.get('cache-control')).toBe('no-store');
  expect(all.json.mails.map(({ to }: { to: string }) => to)).toEqual([
    'bob@bank.example',
    MAIL.to,
    MAIL.to,
  ]);
  const { json } = await simulator.call('/mails?to=Alice%40Bank.example');
  expect(json.mails).toMatchObject([{ subject: 'newer' }, MAIL]);
});

test.each(['?to=nobody', '?to=alice', '?to=alice@bank.example&to=bob@bank.example'])(
  'the query %s finds no mail',
  async (query) => {
    const simulator = await runSimulator();
    await simulator.call('/mails', { json: MAIL });
    expect((await simulator.call(`/mails${query}`)).json).toEqual({ mails: [] });
  },
);

test.each([
  {},
  [],
  { ...MAIL, to: undefined },
  { ...MAIL, to: ['alice@bank.example'] },
  { ...MAIL, to: 'alice' },
  { ...MAIL, to: 'Alice <alice@bank.example>' },
  { ...MAIL, to: 'alice@bank.example, bob@bank.example' },
  { ...MAIL, to: 'alice@bank.example\r\nBcc: bob@bank.example' },
  { ...MAIL, to: `${'a'.repeat(65)}@bank.example` },
  { ...MAIL, to: `alice@${'a'.repeat(254)}` },
  { ...MAIL, subject: '' },
  { ...MAIL, subject: 5 },
  { ...MAIL, subject: 'two\nlines' },
  { ...MAIL, subject: 'x'.repeat(201) },
  { ...MAIL, text: '' },
  { ...MAIL, text: { html: 'x' } },
  { ...MAIL, text: 'x'.repeat(10_001) },
])('the mail %j is refused', async (json) => {
  const simulator = await runSimulator();
  const answer = await simulator.call('/mails', { json });
  expect(answer.status).toBe(422);
  expect(answer.json).toEqual(carrierError(422));
  expect((await simulator.call('/mails')).json).toEqual({ mails: [] });
});

test('a mail in another content type, too long or not JSON is refused', async () => {
  const simulator = await runSimulator();
  const headers = { 'content-type': 'text/plain' };
  expect((await simulator.call('/mails', { json: MAIL, headers })).status).toBe(415);
  const long = { ...MAIL, text: 'x'.repeat(70_000) };
  expect((await simulator.call('/mails', { json: long })).status).toBe(413);
  expect((await simulator.call('/mails', { body: '{' })).status).toBe(400);
  const put = await simulator.call('/mails', { method: 'PUT' });
  expect(put.status).toBe(405);
  expect(put.headers.get('allow')).toBe('GET, POST, DELETE');
});

test('DELETE /mails forgets the mails and leaves the texts', async () => {
  const simulator = await runSimulator();
  await simulator.send();
  await simulator.call('/mails', { json: MAIL });
  expect((await simulator.call('/mails', { method: 'DELETE' })).status).toBe(204);
  expect((await simulator.call('/mails')).json).toEqual({ mails: [] });
  expect(await simulator.inbox()).toHaveLength(1);
});

test('only the newest 1,000 mails are kept', async () => {
  const simulator = await runSimulator();
  for (let sent = 0; sent < 1_001; sent += 1) {
    await simulator.call('/mails', { json: { ...MAIL, subject: `mail ${sent}` } });
  }
  const { mails } = (await simulator.call('/mails')).json;
  expect(mails).toHaveLength(1_000);
  expect(mails[0].subject).toBe('mail 1000');
});

test('the phone page shows mails beside the texts, escaped, with links that can be followed', async () => {
  const simulator = await runSimulator();
  expect((await simulator.call('/')).text).not.toContain('id="mail-');
  const text = 'Go to http://localhost:3000/reset-password?token=a-b_c.\n<script>"';
  await simulator.call('/mails', { json: { ...MAIL, subject: '<b>', text } });
  const page = (await simulator.call('/')).text;
  expect(page).toContain('&lt;b&gt; <span>to alice@bank.example</span>');
  expect(page).toContain('<a href="http://localhost:3000/reset-password?token=a-b_c" rel=');
  expect(page).toContain('&lt;script&gt;&quot;');
  expect(page).not.toContain('<script>');
  expect((await simulator.call('/?to=alice@bank.example')).text).toContain('id="mail-');
  expect((await simulator.call(`/?to=${TO}`)).text).not.toContain('id="mail-');
});
