import { publicDevice, liveDevices, revokeDevices } from '../../core/devices/trusted-devices';
import { iso, refuse, type Outcome } from '../../core/outcomes';
import type { Enrollment } from '../../ports/enrollments';
import { accountNow } from '../account';
import { deviceTokenOf } from '../trusted-device';
import type { Exchange, Handler } from './exchange';

/** A trusted device as clients see it. */
interface DeviceDocument {
  id: string;
  name: string;
  trustedAt: string;
  lastUsedAt: string;
  expiresAt: string;
  /** This very browser. */
  current: boolean;
}

/** `GET /devices`: the user's trusted devices. */
export const listDevices: Handler = async (exchange) => {
  const devices = await devicesOf(exchange);
  if (!devices.ok) return devices;
  return { ok: true, status: 200, document: { devices: devices.list } };
};

/** `DELETE /devices/:id` and its form twin. */
export const revokeDevice: Handler = async (exchange) => {
  const devices = await devicesOf(exchange);
  if (!devices.ok) return devices;
  const revoked = await revokeDevices(
    exchange.edge.core,
    exchange.who,
    exchange.req.params?.id ?? '',
  );
  return revoked.ok ? { ok: true, status: 204 } : revoked;
};

/** `DELETE /devices` and its form twin: all of them. */
export const revokeAllDevices: Handler = async (exchange) => {
  const devices = await devicesOf(exchange);
  if (!devices.ok) return devices;
  await revokeDevices(exchange.edge.core, exchange.who, undefined);
  return { ok: true, status: 204 };
};

/** Only a session that has passed the second factor learns of devices, or ends the trust in one. */
async function devicesOf({
  edge,
  req,
  who,
}: Exchange): Promise<Outcome<{ list: DeviceDocument[] }>> {
  const { enrollment, mark, epoch } = await accountNow(edge, req, who);
  if (mark === undefined) return refuse('second_factor_required');
  const current = deviceTokenOf(edge.core, req, who.userId)?.id;
  const list = deviceDocuments(enrollment ?? {}, epoch, edge.core.clock(), current);
  return { ok: true, list };
}

export function deviceDocuments(
  enrollment: Pick<Enrollment, 'devices'>,
  epoch: string,
  now: number,
  current: string | undefined,
): DeviceDocument[] {
  return liveDevices(enrollment, epoch, now).map((device) => ({
    ...publicDevice(device),
    trustedAt: iso(device.trustedAt),
    lastUsedAt: iso(device.lastUsedAt),
    expiresAt: iso(device.expiresAt),
    current: device.id === current,
  }));
}
