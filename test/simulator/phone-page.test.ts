import { closeSimulators, FROM, runSimulator, TO } from './running';
import { SimulatedTime } from './simulated-time';

afterEach(closeSimulators);

test('the phone page lists texts newest first, with the code to copy', async () => {
  const simulator = await runSimulator();
  const body = '739201 is your Acme code.\n\n@acme.example #739201';
  await simulator.send('v2.2', { body: 'an older text' });
  await simulator.send('v2.2', { body });
  const page = await simulator.call('/');
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.text).toContain('+1 206 555 0142');
  expect(page.text).toContain(body);
  expect(page.text).toMatch(/<code[^>]*>739201<\/code>/);
  expect(page.text).toContain('<button type="button" data-copy="739201" hidden>Copy</button>');
  expect(page.text.indexOf('739201')).toBeLessThan(page.text.indexOf('an older text'));
});

test.each([
  ['Your code is 00123456.', '00123456'],
  ['Order 9876543210123 ships. Code 482913', '482913'],
  ['111111 was the old one.\n\n@acme.example #222222', '222222'],
  ['Expires in 10 minutes, room 1234', undefined],
])('the code in "%s" is %s', async (body, code) => {
  const simulator = await runSimulator();
  await simulator.send('v2.2', { body });
  const page = await simulator.call('/');
  expect(/<code[^>]*>(\d+)<\/code>/.exec(page.text)?.[1]).toBe(code);
});

test('a text cannot smuggle markup into the page', async () => {
  const simulator = await runSimulator();
  const body = `<script>alert("1")</script><img src='x'>&lt;`;
  await simulator.send('v2.2', { body });
  await simulator.call('/inbox/reply', { json: { from: TO, to: FROM, body } });
  const { text } = await simulator.call('/');
  expect(text.match(/<script|<img/g)).toEqual(['<script']);
  const escaped =
    '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=&#39;x&#39;&gt;&amp;lt;';
  expect(text.split(escaped)).toHaveLength(3);
});

test('the page allows its own files and nothing else, and is complete without its script', async () => {
  const simulator = await runSimulator();
  const page = await simulator.call('/');
  expect(page.headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  );
  expect(page.headers.get('cache-control')).toBe('no-store');
  expect(page.headers.get('referrer-policy')).toBe('same-origin');
  expect(page.headers.get('x-powered-by')).toBeNull();
  expect(page.text).toContain('<noscript><p><a href="">Reload the page</a>');
  expect(page.text).not.toMatch(/<script>|<style|style="|\son\w+="|http-equiv/);
  const styles = await simulator.call('/phone.css');
  expect(page.text).toContain('href="/phone.css"');
  expect(styles.headers.get('content-type')).toContain('text/css');
  expect(styles.text).toContain('.bubble');
  const script = await simulator.call('/phone.js');
  expect(page.text).toContain('<script src="/phone.js" defer></script>');
  expect(script.headers.get('content-type')).toContain('javascript');
});

test('texts that no phone gets are not on the page', async () => {
  const simulator = await runSimulator();
  await simulator.fault('smsc-reject');
  await simulator.send();
  expect((await simulator.call('/')).text).not.toContain('hello');
});

/** What became of the only text, before and after its receipts. */
async function courseOf(mode: string | undefined, changes: object = {}) {
  const time = new SimulatedTime();
  const { clock, schedule } = time;
  const simulator = await runSimulator({ clock, schedule });
  if (mode !== undefined) await simulator.fault(mode);
  const { id } = (await simulator.send('v2.2', changes)).json.data;
  const shown = async () => {
    const { text } = await simulator.call('/');
    const open = `<p class="course" id="course-${id}" data-live="replace">`;
    expect(text).toContain(open);
    return text.slice(text.indexOf(open) + open.length).split('</p>')[0];
  };
  const before = await shown();
  time.advance(1_000);
  return [before, await shown()];
}

const MMS = { media_urls: ['https://media.example/cat.gif'] };

test.each<[string | undefined, object, string, string]>([
  [undefined, {}, 'Arrived, 1 segment, $0.0040.', 'message buffered 1003'],
  [undefined, { body: 'x'.repeat(161) }, 'Arrived, 2 segments, $0.0080.', 'message buffered'],
  [undefined, MMS, 'Arrived, MMS, $0.0100.', 'message buffered'],
  ['delivery-success', {}, 'Arrived, 1 segment, $0.0040.', 'delivery success (Message delivered)'],
  [
    'delivery-failure',
    {},
    'Does not arrive, 1 segment, $0.0040.',
    'delivery failure 1110 (Message',
  ],
  ['filtered', {}, 'Does not arrive, 1 segment, $0.0040.', 'rejected 1180 (Message blocked'],
  ['expired', {}, 'Does not arrive, 1 segment, $0.0040.', 'expired (Message expired'],
])('what became of a text (%s, %j) stands below it', async (mode, changes, state, receipt) => {
  const [before, after] = await courseOf(mode, changes);
  const submitted = `${changes === MMS ? 'mm' : 'sm'}sc submit (Message has been sent).`;
  expect(before).toBe(`${state} Receipt: ${submitted}`);
  expect(after).toContain(`${state} Receipt: ${receipt}`);
});

test('a landline gets nothing, and no receipt says so', async () => {
  expect(await courseOf('landline')).toEqual(
    Array(2).fill('Does not arrive, 1 segment, $0.0040. No receipt.'),
  );
});

test('open pages hear of a receipt, also where none is posted', async () => {
  for (const mode of ['receipts-lost', 'receipts-wrapped']) {
    const time = new SimulatedTime();
    const { clock, schedule } = time;
    const simulator = await runSimulator({ clock, schedule });
    await simulator.fault(mode);
    await simulator.send();
    const heard = await fetch(`${simulator.url}/phone/events`);
    const reader = heard.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    time.advance(1_100);
    while (text.split('event: change').length < 3) text += (await reader.read()).value ?? '';
    await reader.cancel();
  }
});

test('pictures are named and not loaded', async () => {
  const simulator = await runSimulator();
  await simulator.send('v2.2', {
    media_urls: ['https://media.example/"><b>.gif'],
    body: undefined,
  });
  const { text } = await simulator.call('/');
  expect(text).toContain('(a picture without words)');
  expect(text).toContain(
    '<p class="picture">Picture: https://media.example/&quot;&gt;&lt;b&gt;.gif</p>',
  );
  expect(text).not.toContain('<img');
});

test('what the page was asked for is escaped, too', async () => {
  const simulator = await runSimulator();
  await simulator.send();
  const to = encodeURIComponent('12065550142"><b>');
  const { text } = await simulator.call(`/?to=${to}`);
  expect(text).toContain('value="12065550142&quot;&gt;&lt;b&gt;"');
  expect(text).not.toContain('12065550142"><b>');
});

test('an empty phone says so', async () => {
  const simulator = await runSimulator();
  const { text } = await simulator.call('/');
  expect(text).toContain('No texts yet');
  await simulator.send();
  expect((await simulator.call('/')).text).not.toContain('No texts yet');
});

test('the page of one phone shows its texts and answers only', async () => {
  const simulator = await runSimulator();
  await simulator.send('v2.2', { body: 'to the first' });
  await simulator.send('v2.2', { to: '12065550143', body: 'to the second' });
  await simulator.call('/inbox/reply', { json: { from: TO, to: FROM, body: 'an answer' } });
  const { text } = await simulator.call(`/?to=${TO}`);
  expect(text).toContain('to the first');
  expect(text).toContain('an answer');
  expect(text).not.toContain('to the second');
});
