import type { Carrier } from '../carrier';
import type { SimulatedMessage } from '../texts/message-log';
import { inboundBody } from './inbound-body';

/** After the first post: four more, half a minute apart, until the answer is 200 and nothing else. */
const FURTHER_TRIES = 4;
const PAUSE_MS = 30_000;

/** Posts what a person wrote to the callback of the number, else to that of the account. */
export function postInbound(carrier: Carrier, message: SimulatedMessage): void {
  void attempt(carrier, message, FURTHER_TRIES);
}

async function attempt(
  carrier: Carrier,
  message: SimulatedMessage,
  furtherTries: number,
): Promise<void> {
  const { settings, callbacks, posts, timers } = carrier;
  const url = callbacks.find('sms_callback', message.to);
  if (url === undefined) return;
  const outcome = await posts.post(url, inboundBody(message, settings.callbackShape, url));
  if (outcome === 200 || outcome === 'stopped' || furtherTries === 0) return;
  timers.after(PAUSE_MS * settings.timeScale, () => {
    void attempt(carrier, message, furtherTries - 1);
  });
}
