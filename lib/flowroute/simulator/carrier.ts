import { FaultQueue } from './faults';
import { MailLog } from './mail/mail-log';
import { MessageLog } from './message-log';
import { OptOuts } from './opt-outs';
import type { SimulatorSettings } from './options';
import { RateWindow } from './rate-window';

/** Everything a simulated carrier knows. */
export interface Carrier {
  settings: SimulatorSettings;
  messages: MessageLog;
  /** Mails of the app itself, which reach the same person beside the carrier. */
  mails: MailLog;
  faults: FaultQueue;
  rate: RateWindow;
  optOuts: OptOuts;
}

export function newCarrier(settings: SimulatorSettings): Carrier {
  return {
    settings,
    messages: new MessageLog(),
    mails: new MailLog(),
    faults: new FaultQueue(),
    rate: new RateWindow(settings.clock),
    optOuts: new OptOuts(),
  };
}
