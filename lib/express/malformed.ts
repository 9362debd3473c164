import { addressBlock } from '../core/client-address';
import type { Requester } from '../core/core';
import { refuse, secondsUntil, type Refusal } from '../core/outcomes';
import type { Edge } from './edge';

/**
 * Malformed input counts for the address that sends it, never for the user: a broken client must
 * not lock anybody out, and a fuzzer must not go on for ever [S34].
 */
export async function countMalformed<Answer extends { ok: true } | Refusal>(
  { core }: Edge,
  who: Requester,
  reply: Answer,
): Promise<Answer | Refusal> {
  if (reply.ok || (reply.code !== 'code_malformed' && reply.code !== 'request_malformed')) {
    return reply;
  }
  const address = core.keyring.fingerprint('address', addressBlock(who.address));
  for (const { count, seconds } of core.limits.malformedPerAddress) {
    const used = await core.counter.add(`malformed:${seconds}:${address}`, seconds * 1_000);
    if (used.count > count) {
      return refuse('too_many_attempts', {
        retryAfter: secondsUntil(used.expiresAt, core.clock()),
      });
    }
  }
  return reply;
}
