import { isIP } from 'node:net';
import { own } from '../core/own';
import type { WebhookOptions } from '../express/webhooks';
import { misuse } from '../misuse';
import { checkFunction, inCall, refuseUnknown } from './check-values';

/** Checks the options of `webhooks()` when it is mounted. */
export function checkWebhooks(given: WebhookOptions = {}): WebhookOptions {
  refuseUnknown(inCall('webhooks'), given, ['onInbound', 'reportWords', 'addresses']);
  const onInbound = checkFunction('webhooks({ onInbound })', own(given, 'onInbound'));
  const reportWords = own(given, 'reportWords');
  if (reportWords !== undefined && !isList(reportWords, (word) => /^[^\s]{1,20}$/.test(word))) {
    throw misuse('webhooks({ reportWords })', reportWords, "Give single words, such as ['NO'].");
  }
  const addresses = own(given, 'addresses');
  if (addresses !== undefined && !isList(addresses, (address) => isIP(address) !== 0)) {
    throw misuse('webhooks({ addresses })', addresses, "Give IP addresses, such as ['192.0.2.1'].");
  }
  return Object.freeze({ onInbound, reportWords, addresses }) as WebhookOptions;
}

function isList(value: unknown, isOne: (item: string) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && isOne(item));
}
