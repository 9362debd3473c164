import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { SIMULATOR_CREDENTIALS } from '../../../lib/simulator';
import { closeSimulators, runSimulator } from '../../simulator/running';

afterAll(closeSimulators);

/** One request of a client of the carrier's own, as it went over the wire. */
interface Recording {
  client: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** 401 where the client had wrong keys. */
  answeredToday: number;
}

const recordings = readFileSync(join(__dirname, 'clients.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recording);

/** The account that they were recorded with. */
const FROM = '12012673227';
const { accessKey, secretKey } = SIMULATOR_CREDENTIALS;

/** Each look at its clock is a second later, and no receipt goes to the addresses of the recordings. */
function account() {
  let now = Date.UTC(2026, 10, 25);
  const schedule = () => () => undefined;
  return runSimulator({ from: [FROM], clock: () => (now += 1_000), schedule });
}

/** What the parsers of these clients read, by what was asked for. */
type Wanted = 'text of v2' | 'text' | 'list' | 'number' | 'numbers' | 'set' | number;

function wantedOf({ method, path, body, answeredToday }: Recording): Wanted {
  if (answeredToday === 401) return 401;
  const [route = ''] = path.split('?');
  if (method === 'PUT' || route.includes('/relationships/')) return 'set';
  if (route === '/v2/numbers') return 'numbers';
  if (route.startsWith('/v2/numbers/')) return 'number';
  if (method === 'POST') return wantedOfText(route, body);
  if (/mdr2-0+$/.test(route)) return 404;
  // The older client asks so for a text whose id it never got.
  return route === '/v2/messages/' ? 422 : 'list';
}

function wantedOfText(route: string, body: string): Wanted {
  const sent = JSON.parse(body);
  const { to, from, ...content } = sent.data?.attributes ?? sent;
  const isV2 = route === '/v2/messages';
  if (from.replace('+', '') !== FROM) return 403;
  if (!/^\+?1206\d{7}$/.test(to)) return isV2 ? 500 : 422;
  const says = content.body ?? content.content ?? content.media_urls;
  if (says === undefined) return 422;
  return isV2 ? 'text of v2' : 'text';
}

const ANSWERS: Record<Exclude<Wanted, number>, [status: number, body: unknown]> = {
  'text of v2': [200, { data: { id: expect.stringMatching(/^mdr1-[0-9a-f]{32}$/) } }],
  text: [202, { data: { id: expect.stringMatching(/^mdr2-[0-9a-f]{32}$/), type: 'message' } }],
  list: [200, { data: expect.any(Array), links: expect.any(Object) }],
  numbers: [200, { data: [{ id: FROM, type: 'number', attributes: { value: FROM } }] }],
  number: [200, { data: { id: FROM, type: 'number', attributes: { value: FROM } } }],
  set: [204, undefined],
};

/** Sends a request with exactly these bytes and headers, and nothing of a client's own. */
function replay(url: string, { method, path, headers, body }: Recording, auth: string) {
  const { hostname, port } = new URL(url);
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise<{ status: number; json: unknown }>((resolve, reject) => {
    const sending = request(
      { hostname, port, method, path, auth, headers: { ...headers, ...length } },
      (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (part: string) => (text += part));
        res.on('end', () => {
          resolve({
            status: res.statusCode ?? 0,
            json: text === '' ? undefined : JSON.parse(text),
          });
        });
      },
    );
    sending.on('error', reject).end(body);
  });
}

const title = ({ client, method, path, body }: Recording): string =>
  `${client}: ${method} ${path} ${body}`;

test('there are recordings of three clients, and each kind of answer is wanted by some', () => {
  expect([...new Set(recordings.map(({ client }) => client))]).toHaveLength(3);
  const wanted = new Set(recordings.map(wantedOf));
  for (const kind of [...Object.keys(ANSWERS), 401, 403, 404, 422, 500]) {
    expect(wanted).toContain(kind);
  }
});

test.each(recordings.map((recording) => [title(recording), recording] as const))(
  '%s gets what its client reads',
  async (_title, recording) => {
    const simulator = await account();
    const wanted = wantedOf(recording);
    const keys = wanted === 401 ? 'wrong:keys' : `${accessKey}:${secretKey}`;
    const answer = await replay(simulator.url, recording, keys);
    if (typeof wanted === 'number') {
      const error = { status: wanted, title: expect.any(String), detail: expect.any(String) };
      expect(answer).toMatchObject({ status: wanted, json: { errors: [error] } });
    } else {
      const [status, json] = ANSWERS[wanted];
      expect(answer).toMatchObject({ status, json });
    }
  },
);

test('a list of what these clients sent has all of it, pictures included', async () => {
  const simulator = await account();
  const texts = recordings.filter((each) => String(wantedOf(each)).startsWith('text'));
  for (const text of texts) await replay(simulator.url, text, `${accessKey}:${secretKey}`);
  const lists = recordings.filter((each) => wantedOf(each) === 'list');
  const ranges = lists.filter(({ path }) => !/limit=(1|2)&/.test(path));
  expect(ranges.length).toBeGreaterThan(1);
  for (const list of ranges) {
    const { json } = await replay(simulator.url, list, `${accessKey}:${secretKey}`);
    const { data, included } = json as { data: { attributes: object }[]; included: object[] };
    expect(data.length).toBe(Math.min(texts.length, list.path.includes('limit=10') ? 10 : 250));
    expect(data.filter((each) => 'relationships' in each)).toHaveLength(included.length);
    expect(included.length).toBeGreaterThan(0);
  }
});
