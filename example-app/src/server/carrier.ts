import { flowrouteSender, type SmsSender } from 'passport-sms-2fa';
import { createSimulator, SIMULATOR_CREDENTIALS } from 'passport-sms-2fa/simulator';

import { portTaken } from './listen';
import type { FlowrouteSettings } from './flowroute-settings';
import type { Settings } from './settings';
import { SettingsError } from './settings-error';

/** Demo passwords are public, and so is the simulator's inbox: neither may leave this machine. */
export const LOOPBACK = '127.0.0.1';

export interface Carrier {
  sender: SmsSender;
  /** Where texts, and mails beside them, can be read; only with the simulator. */
  phonePage: string | undefined;
  close(): Promise<void>;
}

/** The real carrier where its keys are given; else a simulated one, reached over real HTTP as well. */
export async function openCarrier(settings: Settings): Promise<Carrier> {
  if (settings.flowroute) {
    const sender = senderFor(settings.flowroute);
    return { sender, phonePage: undefined, close: () => Promise.resolve() };
  }
  const { simulatorPort } = settings;
  const simulator = await createSimulator()
    .listen(simulatorPort, LOOPBACK)
    .catch((error: unknown) => {
      throw portTaken(error as Error, 'SIMULATOR_PORT', simulatorPort);
    });
  const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: simulator.url });
  return {
    sender,
    phonePage: new URL('/', simulator.url).href,
    close: () => simulator.close(),
  };
}

/** The sender checks its options itself; here they come from the environment, so they read so. */
function senderFor(flowroute: FlowrouteSettings): SmsSender {
  try {
    return flowrouteSender(flowroute);
  } catch (error) {
    throw new SettingsError(
      `The FLOWROUTE_ settings (ACCESS_KEY, SECRET_KEY, FROM, API) cannot be used. ${(error as Error).message}`,
    );
  }
}
