import { SIMULATOR_CREDENTIALS } from '../../simulator';
import type { SmsSender } from '../../ports/sms-sender';
import { flowrouteSender } from '../../senders/flowroute-sender';
import type { Context } from '../command';
import { UsageError } from '../failures';
import { readAccount, readFrom } from '../settings/carrier';
import { startSimulator } from '../simulate/start-simulator';

export interface DemoCarrier {
  sender: SmsSender;
  /** Where texts can be read; only with the simulator. */
  phonePage: string | undefined;
  close: () => Promise<void>;
}

/** Flowroute where its keys are set; else a simulator that is reached over real HTTP as well. */
export async function openDemoCarrier(context: Context): Promise<DemoCarrier> {
  const { given, env } = context;
  const account = readAccount(context);
  if (account !== undefined) {
    const sender = flowrouteSender({ ...account, from: readFrom(context) });
    return { sender, phonePage: undefined, close: () => Promise.resolve() };
  }
  if (given.text('api') !== undefined || env.FLOWROUTE_API !== undefined) {
    throw new UsageError(
      'FLOWROUTE_API (--api) is set without keys. Set FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY, too, or none of them.',
    );
  }
  const port = given.whole('simulator-port', 0, 65_535) ?? 0;
  const place = { port, host: '127.0.0.1', option: '--simulator-port' };
  const simulator = await startSimulator({}, place);
  const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: simulator.url });
  return { sender, phonePage: `${simulator.url}/`, close: () => simulator.close() };
}
