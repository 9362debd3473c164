import { publicDevice } from '../../../lib/core/devices/trusted-devices';
import { refuse } from '../../../lib/core/outcomes';
import {
  deviceDocuments,
  listDevices,
  revokeAllDevices,
  revokeDevice,
} from '../../../lib/express/router/device-routes';
import type { Exchange } from '../../../lib/express/router/exchange';
import { START } from '../../helpers/core';
import { deviceWorld, NAME, type DeviceWorld } from '../device-world';
import { exchangeIn, trustBrowsers } from './exchange-world';

const publicId = (id: string): string => publicDevice({ id, name: '' }).id;
const at = (milliseconds: number): string => new Date(milliseconds).toISOString();

let world: DeviceWorld;
beforeEach(async () => {
  world = deviceWorld();
  await world.trust();
});
const mine = (): string => world.devices()![0]!.id;
/** The cookie that an answer gives the browser: `''` where it takes it away. */
const cookieSet = ({ res }: Exchange): string[] => {
  res.writeHead(204);
  const set = res.getHeader('Set-Cookie') as string[] | string | undefined;
  return [set ?? []].flat().map((line) => line.split(';')[0]!);
};

test('[S83] a verified session sees the browsers that are trusted, and which one this is', async () => {
  const [own] = world.devices()!;
  world.users.get('A')!.devices!.push({ ...own!, id: 'other', name: 'Another' });
  world.users.get('A')!.devices!.push({ ...own!, id: 'old', expiresAt: START });
  const times = { trustedAt: at(START), lastUsedAt: at(START), expiresAt: at(own!.expiresAt) };
  expect(await listDevices(await exchangeIn(world))).toEqual({
    ok: true,
    status: 200,
    document: {
      devices: [
        { id: publicId(own!.id), name: own!.name, ...times, current: true },
        { id: publicId('other'), name: 'Another', ...times, current: false },
      ],
    },
  });
  expect(await listDevices(await exchangeIn(world, { mark: false }))).toEqual(
    refuse('second_factor_required'),
  );
  const bare = { headers: { host: 'acme.example' } };
  const { document } = (await listDevices(await exchangeIn(world, bare))) as never as {
    document: { devices: { current: boolean }[] };
  };
  expect(document.devices.map(({ current }) => current)).toEqual([false, false]);
  const elsewhere = await exchangeIn(world, { ...bare, params: { id: publicId('other') } });
  expect(await revokeDevice(elsewhere)).toMatchObject({ ok: true });
  world.users.delete('A');
  expect(deviceDocuments({}, '', START, undefined)).toEqual([]);
});

test.each([
  ['nobody has passed', false as const, 'second_factor_required' as const],
  ['this browser stood in for a factor', { amr: [] }, 'fresh_second_factor_required' as const],
])('[S83] the trust is not ended where %s', async (_what, mark, code) => {
  const stands = mark === false ? mark : { ...mark, deviceId: mine() };
  for (const handler of [revokeDevice, revokeAllDevices]) {
    const exchange = await exchangeIn(world, { mark: stands, params: { id: publicId(mine()) } });
    expect(await handler(exchange)).toEqual(refuse(code));
    expect(cookieSet(exchange)).toEqual([]);
  }
  expect(world.devices()).toHaveLength(1);
});

test('[S83] the trust in this browser ends with its cookie, that in another leaves it', async () => {
  const [own] = world.devices()!;
  world.users.get('A')!.devices!.push({ ...own!, id: 'other', name: 'Another' });
  const ended = { ok: true, status: 204, notice: 'notice.browserRevoked' };
  const other = await exchangeIn(world, { params: { id: publicId('other') } });
  expect(await revokeDevice(other)).toEqual(ended);
  expect([world.devices()!.map(({ id }) => id), cookieSet(other)]).toEqual([[own!.id], []]);
  const this_ = await exchangeIn(world, { params: { id: publicId(own!.id) } });
  expect(await revokeDevice(this_)).toEqual(ended);
  expect([world.devices(), cookieSet(this_)]).toEqual([[], [`${NAME}=`]]);
});

test('[S83] the trust in all of them ends with the cookie, also of a browser that was not among them', async () => {
  for (const id of [mine(), 'other']) {
    trustBrowsers(world, id);
    const exchange = await exchangeIn(world);
    expect(await revokeAllDevices(exchange)).toEqual({
      ok: true,
      status: 204,
      notice: 'notice.browsersRevoked',
    });
    expect([world.devices(), cookieSet(exchange)]).toEqual([[], [`${NAME}=`]]);
  }
});

test.each([{}, { params: {} }, { params: { id: 'none' } }])(
  '[S83] who names no browser that is trusted is told so: %j',
  async (more) => {
    expect(await revokeDevice(await exchangeIn(world, more))).toMatchObject({ code: 'not_found' });
    expect(world.devices()).toHaveLength(1);
  },
);
