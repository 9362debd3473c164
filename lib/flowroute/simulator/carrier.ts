import { FaultQueue } from './faults';
import { MessageLog } from './message-log';
import { OptOuts } from './opt-outs';
import type { SimulatorSettings } from './options';
import { RateWindow } from './rate-window';

/** Everything a simulated carrier knows. */
export interface Carrier {
  settings: SimulatorSettings;
  messages: MessageLog;
  faults: FaultQueue;
  rate: RateWindow;
  optOuts: OptOuts;
}

export function newCarrier(settings: SimulatorSettings): Carrier {
  return {
    settings,
    messages: new MessageLog(),
    faults: new FaultQueue(),
    rate: new RateWindow(settings.clock),
    optOuts: new OptOuts(),
  };
}
