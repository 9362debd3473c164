import { parse, serialize } from 'cookie';
import { factorFingerprint, type Mark } from '../core/account';
import type { Core, Requester } from '../core/core';
import {
  firstToken,
  OVERLAP,
  readDeviceToken,
  writeDeviceToken,
  type DeviceToken,
} from '../core/devices/device-token';
import {
  isTrusted,
  publicDevice,
  revokeDevices,
  trustDevice,
  useDevice,
} from '../core/devices/trusted-devices';
import { giveBack } from '../core/send/permit';
import { DAY_MS } from '../durations';
import type { Account } from './account';
import type { Edge } from './edge';
import { addCookie, type HttpRequest, type HttpResponse } from './http';
import { reportBroken } from './respond';
import { markIn } from './session-state';
import { goOn, succeed } from './succession';

/**
 * The user's own cookie, so that two people can trust one browser; the digest has the app's name in
 * it, too: two apps may stand on one host. `__Host-`: no other host and no page without https can set
 * it (RFC 6265bis §4.1.3).
 */
function cookieName({ keyring }: Core, userId: string): string {
  return `__Host-sms2fa-device-${keyring.digest('device', userId)}`;
}

/**
 * Trusts the browser that has just passed the second factor, unless it is trusted already. The user is
 * verified by now: where this fails the next sign-in asks for a code, and that is all.
 */
export async function trustThisDevice(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  epoch: string,
): Promise<void> {
  const { core, settings, sessions } = edge;
  const { deviceLifetimeMs } = settings;
  if (deviceLifetimeMs === undefined || req.res === undefined) return;
  const wanted = {
    token: firstToken(core.keyring, who.userId, req.sessionID ?? ''),
    name: deviceName(req.headers['user-agent']),
    epoch,
    lifetimeMs: deviceLifetimeMs,
    shown: deviceTokenOf(core, req, who.userId),
  };
  try {
    const trusted = await trustDevice(core, who, wanted);
    if (trusted === undefined) return;
    // NO ends the session and then the trust that was given in it. Of NO and this write the second one
    // sees the first, so that no thief is trusted after it [S188].
    if (await sessions.hasEnded(req.sessionID ?? '')) {
      const { id } = publicDevice({ id: trusted.token.id, name: '' });
      await revokeDevices(core, who, id, undefined);
    } else setCookie(edge, req.res, who.userId, trusted);
  } catch (error) {
    reportBroken(edge, req, error);
  }
}

/**
 * The account with a mark of its trusted device, where the browser's cookie shows one.
 *
 * A session that passes gets a new id [S58]: somebody else could have planted the one before. A page
 * asks for many things in the same moment, all with the same two cookies, so the session before stays
 * beside it for a minute, without a mark, and what comes with its cookie passes, each request by
 * itself. Then it ends, or with the sign-out of the new one [S182].
 *
 * Once a sign-in: a session whose mark has ended asks for a code [S70].
 */
export async function passByDevice(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  account: Account,
): Promise<Account> {
  const { core, settings, sessions } = edge;
  const { enrollment, epoch } = account;
  const lifetimeMs = settings.deviceLifetimeMs;
  if (lifetimeMs === undefined || enrollment === undefined || req.res === undefined) return account;
  const token = deviceTokenOf(core, req, who.userId);
  // The mark of somebody else, whose session an app has handed on, is none of this user's.
  const mayStandIn = markIn(req)?.userId !== who.userId && enrollment.disabledAt === undefined;
  if (token === undefined || !mayStandIn) return account;
  const device = await useDevice(core, who, { enrollment, epoch, lifetimeMs }, token);
  if (device === undefined) return account;
  // Whatever becomes of this request: what comes after it may as well show the new one.
  setCookie(edge, req.res, who.userId, device);
  const mark: Mark = {
    id: core.random(12),
    userId: who.userId,
    phone: factorFingerprint(core.keyring, enrollment),
    epoch,
    verifiedAt: core.clock(),
    amr: [],
    deviceId: device.id,
  };
  // One request of a page takes the session on.
  const ending = device.use === 'changed' ? await goOn(edge, who.sessionId) : undefined;
  if (ending !== undefined) {
    const undo = (): Promise<unknown> => giveBack(core, ending);
    const begun = await succeed(edge, req, who, { mark, overlap: OVERLAP, undo });
    return begun ? { ...account, mark } : account;
  }
  const { ended, stays } = await sessions.endOf(who.sessionId);
  return ended && !stays ? account : { ...account, mark };
}

/** The token of this user's cookie in this browser. */
export function deviceTokenOf(
  core: Core,
  req: HttpRequest,
  userId: string,
): DeviceToken | undefined {
  return readDeviceToken(parse(req.headers.cookie ?? '')[cookieName(core, userId)]);
}

/** How many days this browser could be trusted; `undefined` where it may not, or is already. */
export function trustDays(
  { core, settings }: Edge,
  req: HttpRequest,
  userId: string,
  { enrollment, epoch }: Account,
): number | undefined {
  const lifetimeMs = settings.deviceLifetimeMs;
  if (lifetimeMs === undefined) return undefined;
  const token = deviceTokenOf(core, req, userId);
  const seen = { epoch, now: core.clock(), lifetimeMs };
  const trusted = token !== undefined && enrollment && isTrusted(enrollment, token, seen);
  return trusted === true ? undefined : Math.floor(lifetimeMs / DAY_MS);
}

/** Takes the cookie out of the browser. */
export function forgetDevice({ core }: Edge, res: HttpResponse, userId: string): void {
  const name = cookieName(core, userId);
  addCookie(res, name, serialize(name, '', { ...ATTRIBUTES, maxAge: 0 }));
}

const ATTRIBUTES = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const;

function setCookie(
  { core }: Edge,
  res: HttpResponse,
  userId: string,
  { token, expiresAt }: { token: DeviceToken; expiresAt: number },
): void {
  const name = cookieName(core, userId);
  const maxAge = Math.floor((expiresAt - core.clock()) / 1_000);
  const cookie = serialize(name, writeDeviceToken(token), { ...ATTRIBUTES, maxAge });
  addCookie(res, name, cookie);
}

const LONGEST_HEADER = 512;
const LONGEST_NAME = 60;

/** A browser in words, such as `Firefox on Linux`, for the list of trusted devices and for mails. */
export function deviceName(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent === '') return 'Unknown browser';
  // Only apps that trust browsers name them.
  const { parse: parseUserAgent } = require('bowser') as typeof import('bowser');
  const { browser, os } = parseUserAgent(userAgent.slice(0, LONGEST_HEADER));
  const name = plain(browser.name) ?? 'Unknown browser';
  const system = plain(os.name);
  return (system === undefined ? name : `${name} on ${system}`).slice(0, LONGEST_NAME);
}

/**
 * The header is the client's: only plain words of it may reach a page or a mail, and no dots: they
 * make links.
 */
function plain(word: string | undefined): string | undefined {
  return word !== undefined && /^[A-Za-z0-9 _-]+$/.test(word) ? word : undefined;
}
