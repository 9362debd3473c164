import { FlowrouteClient, flowrouteSender, type SmsSender } from 'passport-sms-2fa';
import { createSimulator, SIMULATOR_CREDENTIALS } from 'passport-sms-2fa/simulator';

import { portTaken } from './listen';
import type { FlowrouteSettings } from './flowroute-settings';
import type { Settings } from './settings';
import { SettingsError } from './settings-error';

/** Demo passwords are public, and so is the simulator's inbox: neither may leave this machine. */
export const LOOPBACK = '127.0.0.1';

export interface Carrier {
  sender: SmsSender;
  /** The account itself, to say where callbacks go. */
  client: FlowrouteClient;
  /** Where texts, and mails beside them, can be read; only with the simulator. */
  phonePage: string | undefined;
  close(): Promise<void>;
}

/** The real carrier where its keys are given; else a simulated one, reached over real HTTP as well. */
export async function openCarrier(settings: Settings): Promise<Carrier> {
  if (settings.flowroute) {
    return {
      ...accountOf(settings.flowroute),
      phonePage: undefined,
      close: () => Promise.resolve(),
    };
  }
  const { simulatorPort } = settings;
  const simulator = await createSimulator()
    .listen(simulatorPort, LOOPBACK)
    .catch((error: unknown) => {
      throw portTaken(error as Error, 'SIMULATOR_PORT', simulatorPort);
    });
  return {
    ...accountOf({ ...SIMULATOR_CREDENTIALS, baseUrl: simulator.url }),
    phonePage: new URL('/', simulator.url).href,
    close: () => simulator.close(),
  };
}

/** The library checks its options itself; here they come from the environment, so they read so. */
function accountOf(flowroute: FlowrouteSettings): Pick<Carrier, 'sender' | 'client'> {
  const { from: _from, ...account } = flowroute;
  try {
    return { sender: flowrouteSender(flowroute), client: new FlowrouteClient(account) };
  } catch (error) {
    throw new SettingsError(
      `The FLOWROUTE_ settings (ACCESS_KEY, SECRET_KEY, FROM, API) cannot be used. ${(error as Error).message}`,
    );
  }
}
