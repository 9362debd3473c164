import type { DeliveryFailureReason } from '../../errors';
import type { TextSubject } from './call';
import type { AccountSettings } from './account-options';
import { saysOptedOut, type CarrierErrorItem } from './error-items';
import { maskNumber } from './north-american-number';

export interface Explanation {
  reason: DeliveryFailureReason;
  refused: boolean;
  advice: string;
}

/** What a refusal means for a text and for nothing else: the phone, or one of the numbers. */
export function explainText(
  status: number,
  items: readonly CarrierErrorItem[],
  { apiVersion }: AccountSettings,
  subject: TextSubject,
): Explanation | undefined {
  const to = maskNumber(subject.to);
  if (status === 400 && items.some(saysOptedOut)) {
    return { reason: 'opted_out', refused: true, advice: explainOptOut(subject) };
  }
  if (status === 403) {
    const advice = explainForbidden(subject, apiVersion === 'v2');
    return { reason: 'from_rejected', refused: true, advice };
  }
  if (status === 422) {
    const advice =
      `Flowroute did not take ${to} as the to number (422). ` +
      'It must be a complete US or Canadian number.';
    return { reason: 'to_rejected', refused: true, advice };
  }
  if (status === 500 && apiVersion === 'v2') {
    const advice = `Flowroute answered 500. On v2 that is typically the to number, here ${to}: it must be a complete US or Canadian number.`;
    return { reason: 'to_rejected', refused: false, advice };
  }
  return undefined;
}

function explainOptOut({ to, from }: TextSubject): string {
  return (
    `The owner of ${maskNumber(to)} has opted out of texts from ${maskNumber(from)} ` +
    '(400, code 1110). Offer another way in; only a text UNSTOP from that phone undoes it.'
  );
}

function explainForbidden({ to, from }: TextSubject, mayBeTo: boolean): string {
  const advice =
    `Flowroute refused the from number (403): ${maskNumber(from)} is not yours or not able to text. ` +
    'Check from, and in the Flowroute portal that the number is enabled for messaging and registered.';
  if (!mayBeTo) return advice;
  return `${advice} On v2 the to number, here ${maskNumber(to)}, may also be the cause: it must be a complete US or Canadian number.`;
}
