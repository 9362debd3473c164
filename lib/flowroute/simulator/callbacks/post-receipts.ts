import type { Carrier } from '../carrier';
import type { Course } from '../texts/course';
import type { SimulatedMessage } from '../texts/message-log';
import type { Receipt } from '../texts/receipts';
import { receiptBody } from './receipt-body';

/** How long after a step of the text its receipt leaves. */
const LAG_MS = 100;

/**
 * Posts the receipts of a text at their times. The address of the text itself wins over that of the
 * number, and that over the one of the account; without any nothing is posted. Flowroute documents
 * no further tries, so there are none.
 */
export function postReceipts(
  { settings, callbacks, timers, posts }: Carrier,
  message: SimulatedMessage,
  course: Course,
  related: string,
): void {
  for (const { receipt, at } of plan(message.receipts, course, LAG_MS * settings.timeScale)) {
    timers.after(at - message.at, () => {
      const url = message.dlrCallback ?? callbacks.find('sms_dlr_callback', message.from);
      if (url !== undefined) void posts.post(url, receiptBody(message, receipt, course, related));
    });
  }
}

interface PlannedPost {
  receipt: Receipt;
  at: number;
}

function plan(receipts: readonly Receipt[], { posting }: Course, lag: number): PlannedPost[] {
  const posts = receipts.map((receipt) => ({ receipt, at: receipt.at + lag }));
  switch (posting) {
    case 'lost':
      return [];
    case 'doubled':
      return posts.flatMap((post) => [post, { ...post, at: post.at + lag }]);
    case 'reordered': {
      const last = Math.max(...posts.map(({ at }) => at));
      return posts.map((post) => (post.receipt.level === 1 ? { ...post, at: last + lag } : post));
    }
    case 'once':
      return posts;
  }
}
