import { parse, serialize } from 'cookie';
import { factorFingerprint, type Mark } from '../core/account';
import type { Core, Requester } from '../core/core';
import {
  readDeviceToken,
  trustDevice,
  writeDeviceToken,
  type DeviceToken,
} from '../core/devices/trusted-devices';
import { OVERLAP, useDevice } from '../core/devices/use-device';
import { keepSuccessor, successorOf } from '../core/sessions';
import type { Account } from './account';
import type { Edge } from './edge';
import type { HttpRequest, HttpResponse } from './http';
import { interruptedBy } from './interrupted';
import { reportBroken } from './respond';
import { branchSession, changeState, keepMark, markIn } from './session-state';

/**
 * The user's own cookie, so that two people can trust one browser. `__Host-`: no other host and no
 * page without https can set it (RFC 6265bis §4.1.3).
 */
function cookieName({ keyring }: Core, userId: string): string {
  return `__Host-sms2fa-device-${keyring.digest('device', userId)}`;
}

/**
 * Trusts the browser that has just passed the second factor. The user is verified already: where
 * this fails the next sign-in asks for a code, and that is all.
 */
export async function trustThisDevice(
  edge: Edge,
  req: HttpRequest,
  who: Requester,
  epoch: string,
): Promise<void> {
  const { core, settings } = edge;
  const { deviceLifetimeMs } = settings;
  if (deviceLifetimeMs === undefined || req.res === undefined) return;
  const wanted = {
    name: deviceName(req.headers['user-agent']),
    epoch,
    lifetimeMs: deviceLifetimeMs,
    before: deviceTokenOf(core, req, who.userId)?.id,
  };
  try {
    const trusted = await trustDevice(core, who, wanted);
    if (trusted !== undefined) setCookie(edge, req.res, who.userId, trusted);
  } catch (error) {
    reportBroken(edge, req, error);
  }
}

/**
 * The account with a mark of its trusted device, where the browser's cookie shows one.
 *
 * A session that passes gets a new id [S58]: somebody else could have planted the one before. A page
 * asks for many things in the same moment, all with the same two cookies, so the session before is
 * left as it was, and what comes with its cookie passes for a moment, each request by itself.
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
  // First of all: the token was changed, whatever becomes of this request.
  setCookie(edge, req.res, who.userId, device);
  if (device.use === 'too late' || (await sessions.hasEnded(who.sessionId))) return account;
  if (device.use === 'overlapping' && (await successorEnded(edge, who.sessionId))) return account;
  const mark: Mark = {
    id: core.random(16),
    userId: who.userId,
    phone: factorFingerprint(core.keyring, enrollment),
    epoch,
    verifiedAt: core.clock(),
    amr: [],
    deviceId: device.id,
  };
  if (device.use === 'changed') {
    const interrupted = interruptedBy(req, who.userId);
    const goBack = branchSession(req);
    changeState(req, { ...interrupted });
    const newId = req.sessionID ?? '';
    const until = core.clock() + OVERLAP;
    await keepSuccessor(core, who.sessionId, { id: newId, until });
    const [ended] = await Promise.all([
      sessions.hasEnded(who.sessionId),
      keepMark(edge, req, newId, mark),
    ]);
    // By a sign-out or a NO that came too early to know of the successor.
    if (ended) {
      goBack();
      await sessions.discard(newId);
      return account;
    }
  }
  return { ...account, mark };
}

/** Whether the user has signed out of the session that took the place of this one. */
async function successorEnded({ core, sessions }: Edge, sessionId: string): Promise<boolean> {
  const successor = await successorOf(core, sessionId);
  return successor !== undefined && sessions.hasEnded(successor.id);
}

/** The token of this user's cookie in this browser. */
export function deviceTokenOf(
  core: Core,
  req: HttpRequest,
  userId: string,
): DeviceToken | undefined {
  return readDeviceToken(parse(req.headers.cookie ?? '')[cookieName(core, userId)]);
}

function setCookie(
  { core }: Edge,
  res: HttpResponse,
  userId: string,
  { token, expiresAt }: { token: DeviceToken; expiresAt: number },
): void {
  const cookie = serialize(cookieName(core, userId), writeDeviceToken(token), {
    maxAge: Math.floor((expiresAt - core.clock()) / 1_000),
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
  });
  // A page that brings a token must not come to others from a cache.
  res.setHeader('Cache-Control', 'no-store');
  // The gate of the app and the one of the route may both have it to give.
  const given = [res.getHeader('Set-Cookie') ?? []].flat();
  if (!given.includes(cookie)) res.appendHeader('Set-Cookie', cookie);
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
