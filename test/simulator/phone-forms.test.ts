import { closeSimulators, FROM, runSimulator, TO, type Running } from './running';

afterEach(closeSimulators);

type Fields = Record<string, string>;

/** Posts a form as a browser does that runs no script. */
async function submit(
  { url }: Running,
  path: string,
  fields: Fields,
  headers: Fields = { 'sec-fetch-site': 'same-origin' },
) {
  const body = new URLSearchParams(fields);
  const answer = await fetch(url + path, { method: 'POST', body, headers, redirect: 'manual' });
  return { status: answer.status, location: answer.headers.get('location') };
}

/** The fields that a form of the page carries along. */
function hiddenFields(page: string, action: string): Fields {
  const form = page.slice(page.indexOf(`action="${action}"`)).split('</form>')[0]!;
  const inputs = form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name!, value!]));
}

describe('answering', () => {
  async function answering(query = '') {
    const simulator = await runSimulator();
    await simulator.send();
    const page = (await simulator.call(`/${query}`)).text;
    return { simulator, page, fields: hiddenFields(page, '/phone/reply') };
  }

  test.each(['STOP', 'UNSTOP', 'NO'])('a button answers %s', async (word) => {
    const { simulator, page, fields } = await answering();
    expect(page).toContain(`<button type="submit" name="body" value="${word}">`);
    const answer = await submit(simulator, '/phone/reply', { ...fields, text: '', body: word });
    expect(answer).toEqual({ status: 303, location: '/' });
    const { text } = await simulator.call('/');
    expect(text).toContain(`<p class="bubble">${word}</p>`);
    expect(text).toContain('Reply of +1 206 555 0142');
    expect((await simulator.send()).status).toBe(word === 'STOP' ? 400 : 202);
  });

  test.each([
    ['', '(a picture without words)'],
    ['look', 'look'],
  ])('a button sends a picture along with "%s"', async (text, said) => {
    const { simulator, page, fields } = await answering();
    expect(page).toContain('<button type="submit" name="picture" value="on">');
    await submit(simulator, '/phone/reply', { ...fields, text, picture: 'on' });
    const shown = (await simulator.call('/')).text;
    expect(shown).toContain(`<p class="bubble">${said}</p>\n<p class="picture">Picture: https:`);
  });

  test('a free text goes to the number that the text came from', async () => {
    const { simulator, fields } = await answering();
    expect(fields).toEqual({ from: TO, to: FROM, shown: '' });
    await submit(simulator, '/phone/reply', { ...fields, text: 'Who is <this>?' });
    expect((await simulator.call('/')).text).toContain('Who is &lt;this&gt;?');
  });

  test('it leads back to the page of the same phone', async () => {
    const { simulator, fields } = await answering(`?to=%2B${TO}`);
    expect(await submit(simulator, '/phone/reply', { ...fields, text: 'NO' })).toEqual({
      status: 303,
      location: `/?to=%2B${TO}`,
    });
  });

  test('a reply of nobody is refused', async () => {
    const { simulator } = await answering();
    expect((await submit(simulator, '/phone/reply', { text: 'NO' })).status).toBe(422);
  });
});

describe('letting texts fail', () => {
  test('the next texts fail in the chosen way, and the page says so', async () => {
    const simulator = await runSimulator();
    const before = (await simulator.call('/')).text;
    expect(before).toContain('The next text goes well.');
    expect(before).toContain('<option>html-502</option>');
    const fields = { ...hiddenFields(before, '/phone/faults'), mode: '503', times: '2' };
    const answer = await submit(simulator, '/phone/faults', fields);
    expect(answer).toEqual({ status: 303, location: '/' });
    expect((await simulator.call('/')).text).toContain('Next: 503, 503.');
    expect((await simulator.send()).status).toBe(503);
    const cleared = await submit(simulator, '/phone/faults', { ...fields, clear: 'on' });
    expect(cleared.status).toBe(303);
    expect((await simulator.send()).status).toBe(202);
  });

  test('of many only the first are named', async () => {
    const simulator = await runSimulator();
    await simulator.fault('429', { times: 25 });
    expect((await simulator.call('/')).text).toContain('429, and 5 more.');
  });

  test.each([{ mode: 'nonsense' }, { mode: '503', times: '0' }, { mode: '503', times: 'x' }, {}])(
    'the form %j is refused',
    async (fields) => {
      const simulator = await runSimulator();
      expect((await submit(simulator, '/phone/faults', fields)).status).toBe(422);
      expect((await simulator.send()).status).toBe(202);
    },
  );
});

describe('forms of other sites', () => {
  const fields = { mode: '503' };
  const status = async (headers: (simulator: Running) => Fields) => {
    const simulator = await runSimulator();
    return (await submit(simulator, '/phone/faults', fields, headers(simulator))).status;
  };

  test.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
  ])('%j is refused', async (headers) => {
    expect(await status(() => headers as Fields)).toBe(403);
    const simulator = await runSimulator();
    const reply = { from: TO, to: FROM, body: 'STOP' };
    expect((await submit(simulator, '/phone/reply', reply, headers as Fields)).status).toBe(403);
  });

  test('the own page passes by either header, and so does a script without any', async () => {
    expect(await status(() => ({ 'sec-fetch-site': 'same-origin' }))).toBe(303);
    expect(await status(({ url }) => ({ origin: url }))).toBe(303);
    expect(await status(() => ({}))).toBe(303);
  });
});
