import { carrierError, closeSimulators, runSimulator } from './running';

afterEach(closeSimulators);

const NUMBERS = ['12065550100', '12065550101', '12125550100', '18005550100'];

async function listed(query: string, from: readonly string[] = NUMBERS) {
  const simulator = await runSimulator({ from });
  const answer = await simulator.call(`/v2/numbers${query}`);
  return { ...answer, url: simulator.url };
}

test('the numbers of the account come in the documented shape', async () => {
  const { status, json, url } = await listed('', ['18005550100']);
  expect(status).toBe(200);
  expect(json).toEqual({
    data: [
      {
        attributes: {
          alias: null,
          cnam_lookups_enabled: false,
          number_type: 'toll-free',
          rate_center: null,
          state: null,
          value: '18005550100',
        },
        type: 'number',
        id: '18005550100',
        links: { self: `${url}/v2/numbers/18005550100` },
      },
    ],
    links: {},
  });
});

test('numbers that are not registered belong to the account as well', async () => {
  const simulator = await runSimulator({ unregistered: ['12065550109'] });
  const { data } = (await simulator.call('/v2/numbers?ends_with=109')).json;
  expect(data).toMatchObject([{ id: '12065550109', attributes: { number_type: 'longcode' } }]);
});

test.each([
  ['?starts_with=1206', ['12065550100', '12065550101']],
  ['?starts_with=%2B1206', ['12065550100', '12065550101']],
  ['?starts_with=+1206', ['12065550100', '12065550101']],
  ['?contains=2125', ['12125550100']],
  ['?ends_with=100', ['12065550100', '12125550100', '18005550100']],
  ['?starts_with=12&ends_with=100', ['12065550100', '12125550100']],
  ['?alias=reception', []],
  ['?limit=1&offset=2', ['12125550100']],
  ['?offset=9', []],
  ['?starts_with=&contains=&ends_with=101&alias=&limit=&offset=', ['12065550101']],
])('the query %s finds %j', async (query, ids) => {
  const { json } = await listed(query);
  expect(json.data.map(({ id }: { id: string }) => id)).toEqual(ids);
});

test('a page has 10 numbers unless more are asked for, and links.next leads on', async () => {
  const from = Array.from({ length: 12 }, (_, index) => String(12065550130 + index));
  const first = await listed('?contains=555', from);
  expect(first.json.data).toHaveLength(10);
  expect(first.json.links).toEqual({
    next: `${first.url}/v2/numbers?limit=10&contains=555&offset=10`,
  });
  expect((await listed('?limit=200', from)).json).toMatchObject({ data: from.map(() => ({})) });
});

test.each(['?limit=0', '?limit=201', '?limit=x', '?offset=-1', '?contains=1&contains=2'])(
  '422 for the query %s',
  async (query) => {
    expect((await listed(query)).json).toEqual(carrierError(422));
  },
);

test('one number is shown in the same shape, and no other', async () => {
  const simulator = await runSimulator();
  const { json } = await simulator.call('/v2/numbers/12065550100');
  expect(json).toEqual({ data: (await simulator.call('/v2/numbers')).json.data[0] });
  for (const number of ['12065550101', 'x', '%20']) {
    const answer = await simulator.call(`/v2/numbers/${number}`);
    expect(answer.json).toEqual(carrierError(404));
  }
  const stranger = await simulator.call('/v2/numbers/12065550100', { auth: null });
  expect(stranger.status).toBe(401);
});

test('401 without the keys', async () => {
  const simulator = await runSimulator();
  expect((await simulator.call('/v2/numbers', { auth: null })).json).toEqual(carrierError(401));
});
