import { BlockList, isIP } from 'node:net';
import express from 'express';

import { takeReceipt } from '../core/delivery/follow-delivery';
import {
  meaningOf,
  takeOptIn,
  takeOptOut,
  takeReport,
  type Ends,
} from '../core/delivery/take-answer';
import { publicDevice, revokeDevices } from '../core/devices/trusted-devices';
import { E164 } from '../core/phone-number';
import { answerHelp } from '../core/send/hand-over';
import { readEnrollment } from '../core/read-enrollment';
import { equalInConstantTime } from '../core/untrusted';
import { HOUR_MS } from '../durations';
import type { CheckedWebhooks } from '../options/check-webhooks';
import type { CarrierCallback, InboundText, ReadCallback } from '../ports/senders';
import { NO_LIMIT } from '../ports/counter';
import { readFrom, removeFrom } from '../stores/calls';
import { timeLimit } from '../time-limit';
import { wasRead } from './post';
import {
  readAddress,
  middleware,
  type HttpRequest,
  type HttpResponse,
  type Middleware,
  guardHeaders,
} from './http';
import type { Edge } from './edge';
import { wordsOf } from './operator';
import { reportBroken } from './respond';
import { markOf } from './session-state';

/** A callback has a few hundred bytes; one with a dozen pictures 20 kB of signed addresses. */
const LARGEST_CALLBACK = 131_072;
/** How long the app's `onInbound` may take, in milliseconds. */
const INBOUND_LIMIT = 5_000;
/** How long a text is known to have been carried out, in milliseconds; the carrier gives up sooner. */
const SEEN = HOUR_MS;

/**
 * Takes the carrier's callbacks, at `<where it is mounted>/<token>`. They are telemetry [S146]:
 * nothing that arrives here verifies a user, unlocks one, or changes a phone; STOP and NO only take
 * away. The carrier signs nothing, so the token in the path is what tells it from a stranger.
 */
export function createWebhooks(
  edge: Edge,
  read: ReadCallback,
  options: CheckedWebhooks,
): Middleware {
  const router = express.Router();
  const { webhookTokens } = edge.core.keyring;
  const list = options.addresses && blockList(options.addresses);
  // The body first, whatever type it claims: its size is what is limited here.
  const parser = express.raw({ type: () => true, limit: LARGEST_CALLBACK });
  router.post('/:token', ((req: HttpRequest, res: HttpResponse, next: () => void) => {
    const known = list === undefined || isListed(list, req.ip);
    // One answer for a wrong token and a wrong place: there is nothing here for strangers.
    if (!known || !isToken(webhookTokens, req.params?.token ?? '')) answer(res, 404);
    else next();
  }) as never);
  router.post('/:token', ((req: HttpRequest, res: HttpResponse, next: () => void) => {
    if (wasRead(req)) next();
    else (parser as unknown as Middleware)(req, res, next);
  }) as never);
  router.post(
    '/:token',
    middleware(async (req, res) => {
      const callback = read(parse(req.body));
      if (callback === undefined) answer(res, 400);
      else answer(res, await take(edge, req, callback, options));
    }) as never,
  );
  router.use(((_req: HttpRequest, res: HttpResponse) => answer(res, 404)) as never);
  router.use(((
    error: { status?: number },
    _req: HttpRequest,
    res: HttpResponse,
    _next: unknown,
  ) => {
    answer(res, error.status !== undefined && error.status < 500 ? error.status : 503);
  }) as never);
  return router as unknown as Middleware;
}

/** 200 once it is taken in; 503 where a store failed, so that the carrier sends it again. */
async function take(
  edge: Edge,
  req: HttpRequest,
  callback: CarrierCallback,
  options: CheckedWebhooks,
): Promise<number> {
  const { core } = edge;
  try {
    if (callback.kind === 'receipt') {
      await takeReceipt(core, callback.id, callback);
      return 200;
    }
    const done = await once(edge, callback.id, () => takeInbound(edge, callback.text, options));
    return done ? 200 : 503;
  } catch (error) {
    reportBroken(edge, req, error);
    return 503;
  }
}

/** How long carrying one text out may take, in milliseconds; after it the process is taken for dead. */
const BUSY = 20_000;

/**
 * The carrier sends again what was not answered in time; it is carried out once. Whoever comes while
 * it is being carried out is sent away, so that a process that dies over it loses nothing.
 */
async function once({ core }: Edge, id: string, work: () => Promise<void>): Promise<boolean> {
  const subject = core.keyring.subjects.inbound(id);
  const done = { key: `${subject}#done`, window: SEEN };
  const busy = { key: `${subject}#busy`, window: BUSY, limit: 1 };
  const begun = await core.counter.settle({ take: [{ ...done, limit: 0, by: 0 }, busy] });
  if (!begun.ok) return begun.full.some(({ key }) => key === done.key);
  try {
    await work();
  } catch (error) {
    await core.counter.settle({ clear: [busy.key] });
    throw error;
  }
  await core.counter.settle({ take: [{ ...done, limit: NO_LIMIT }] });
  return true;
}

async function takeInbound(edge: Edge, text: InboundText, options: CheckedWebhooks): Promise<void> {
  const { core } = edge;
  const { words, onInbound } = options;
  // The account's other numbers are called back here as well: STOP blocks one number, not all of them.
  const { numbers } = core.sender;
  // And from a short code or a name comes no answer: no code went there.
  const isAnswer = E164.test(text.from) && (numbers === undefined || numbers.includes(text.to));
  switch (isAnswer ? meaningOf(text.body, words, core.limits.codeLength) : undefined) {
    case 'stop':
      return takeOptOut(core, text);
    case 'start':
      // YES is said to many things.
      if (await takeOptIn(core, text)) return;
      break;
    case 'report':
      return takeReport(core, text, endsOf(edge));
    case 'help':
      if (await answerHelp(core, text.from)) return;
      break;
    case undefined:
  }
  // It may throw before it gives a promise.
  const passOn = new Promise((resolve) => resolve(onInbound?.(text)));
  await timeLimit(passOn, INBOUND_LIMIT).catch((error: unknown) => {
    // The app's own code failed: the carrier sends the text again, and somebody should know.
    const cure = 'The carrier sends the text again, four times at most.';
    core.tell?.('error', 'on_inbound', `onInbound failed: ${wordsOf(error)} ${cure}`);
    throw error;
  });
}

/** How NO ends sessions and the trust in browsers. */
function endsOf({ core, settings }: Edge): Ends {
  const { sessionStore } = settings;
  return {
    session: (id) => removeFrom(sessionStore, id),
    deviceOf: async (id) => markOf(await readFrom(sessionStore, id))?.deviceId,
    devices: async (userId, which) => {
      const enrollment = readEnrollment(await core.enrollments.get(userId));
      // Whoever answers is at their phone: no address, session or request is theirs.
      const owner = { userId, user: undefined, sessionId: '', address: undefined };
      for (const device of (enrollment?.devices ?? []).filter(which)) {
        await revokeDevices(
          core,
          { ...owner, credentialsEpoch: '' },
          publicDevice(device).id,
          undefined,
        );
      }
    },
  };
}

/** Whether it is one of the tokens; all of them are compared, in constant time. */
function isToken(tokens: readonly string[], given: string): boolean {
  return tokens.filter((token) => equalInConstantTime(token, given)).length > 0;
}

function parse(body: unknown): unknown {
  if (!Buffer.isBuffer(body) && typeof body !== 'string') return body;
  try {
    // A byte order mark is no JSON; a decoder leaves it out, a parser of the app's may not.
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
    return JSON.parse(text.replace(/^\ufeff/, '')) as unknown;
  } catch {
    return undefined;
  }
}

/** Addresses as they are, however they are written. */
function blockList(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const address of addresses.map(plain)) list.addAddress(address, familyOf(address));
  return list;
}

function isListed(list: BlockList, ip: string | undefined): boolean {
  // Some proxies write the port beside it.
  const address = plain(readAddress(ip) ?? '');
  return isIP(address) !== 0 && list.check(address, familyOf(address));
}

/** A mapped IPv4 address counts as the IPv4 address it is. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function answer(res: HttpResponse, status: number): void {
  guardHeaders(res);
  res.statusCode = status;
  res.end();
}
