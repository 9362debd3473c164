import { publicDevice, liveDevices, revokeDevices } from '../../core/devices/trusted-devices';
import { iso, refuse } from '../../core/outcomes';
import type { Enrollment } from '../../ports/enrollments';
import { accountNow } from '../account';
import { deviceTokenOf, forgetDevice } from '../trusted-device';
import type { Exchange, Handler, Reply } from './exchange';

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

/** `GET /devices`: the user's trusted devices, for a session that has passed. */
export const listDevices: Handler = async ({ edge, req, who }) => {
  const { enrollment, mark, epoch } = await accountNow(edge, req, who);
  if (mark === undefined) return refuse('second_factor_required');
  const current = deviceTokenOf(edge.core, req, who.userId)?.id;
  const devices = deviceDocuments(enrollment ?? {}, epoch, edge.core.clock(), current);
  return { ok: true, status: 200, document: { devices } };
};

/** `DELETE /devices/:id` and its form twin. */
export const revokeDevice: Handler = (exchange) => revoke(exchange, exchange.req.params?.id ?? '');

/** `DELETE /devices` and its form twin: all of them. */
export const revokeAllDevices: Handler = (exchange) => revoke(exchange, undefined);

/**
 * Only who has passed a factor in this session ends the trust: a copied cookie must not take away the
 * device that tells of it.
 */
async function revoke(exchange: Exchange, id: string | undefined): Promise<Reply> {
  const { edge, req, res, who } = exchange;
  const { mark } = await accountNow(edge, req, who);
  if (mark === undefined) return refuse('second_factor_required');
  if (mark.amr.length === 0) return refuse('fresh_second_factor_required');
  const own = deviceTokenOf(edge.core, req, who.userId)?.id;
  const revoked = await revokeDevices(edge.core, who, id, own);
  if (!revoked.ok) return revoked;
  const isOwn = own !== undefined && id === publicDevice({ id: own, name: '' }).id;
  if (isOwn || id === undefined) forgetDevice(edge, res, who.userId);
  const notice = id === undefined ? 'notice.browsersRevoked' : 'notice.browserRevoked';
  return { ok: true, status: 204, notice };
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
