import type { Core, Requester } from '../core';
import type { SendWish } from './send-permit';
import { refuse, type Refusal } from '../outcomes';
import { timeLimit } from '../../time-limit';

/**
 * Asks the app's `beforeSend` hook. Only a hook that says nothing against the text lets it pass; one
 * that fails or hangs refuses it. The answer does not tell why [S50];
 * the event does.
 */
export async function askBeforeSend(
  core: Core,
  who: Requester,
  text: Pick<SendWish, 'channel' | 'phone' | 'confirmed' | 'purpose'> & { country: string },
): Promise<{ refusal: Refusal; error?: unknown } | undefined> {
  const { beforeSend } = core;
  if (beforeSend === undefined) return undefined;
  const { request, user, userId, address } = who;
  try {
    const { phone, country, confirmed, purpose } = text;
    const channel = text.channel ?? 'sms';
    const about = { phone, country, confirmed, purpose };
    const asked = beforeSend({ ...about, channel, req: request, user, userId, ip: address });
    const answer = await timeLimit(asked, core.limits.carrierCall * 1_000);
    return answer === false ? { refusal: refuse('send_refused') } : undefined;
  } catch (error) {
    return { refusal: refuse('sending_suspended'), error };
  }
}
