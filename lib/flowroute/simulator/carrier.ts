import { RateWindow } from './api/rate-window';
import { CallbackAddresses } from './callbacks/callback-addresses';
import { CallbackPosts } from './callbacks/callback-posts';
import { Changes } from './changes';
import { FaultQueue } from './faults/fault-queue';
import { MailLog } from './mail/mail-log';
import type { SimulatorSettings } from './options';
import { MessageLog } from './texts/message-log';
import { OptOuts } from './texts/opt-outs';
import { Timers } from './timers';

/** Everything a simulated carrier knows. */
export interface Carrier {
  settings: SimulatorSettings;
  messages: MessageLog;
  /** Mails of the app itself, which reach the same person beside the carrier. */
  mails: MailLog;
  faults: FaultQueue;
  rate: RateWindow;
  optOuts: OptOuts;
  callbacks: CallbackAddresses;
  posts: CallbackPosts;
  timers: Timers;
  changes: Changes;
}

export function newCarrier(settings: SimulatorSettings): Carrier {
  const changes = new Changes();
  const timers = new Timers(settings.schedule);
  return {
    settings,
    messages: new MessageLog(changes.announce),
    mails: new MailLog(changes.announce),
    faults: new FaultQueue(changes.announce),
    rate: new RateWindow(settings.clock),
    optOuts: new OptOuts(),
    callbacks: new CallbackAddresses(),
    posts: new CallbackPosts(timers),
    timers,
    changes,
  };
}

/** Ends what is still to come: receipts, further tries, answers that are slow. */
export function stopCarrier({ posts, timers }: Carrier): void {
  posts.stop();
  timers.stop();
}
