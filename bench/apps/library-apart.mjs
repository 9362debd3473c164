import { redisCounter } from 'passport-sms-2fa';
import { connect, storeOn } from './common.mjs';
import { libraryApp } from './library.mjs';

/** The library where every subject of a decision lies in a slot of its own, as on a large cluster. */
export async function createApp(redisUrl) {
  const client = await connect(redisUrl);
  const sendCommand = async (args) => {
    // EVALSHA, the script, how many keys
    if (/^EVAL/i.test(args[0]) && Number(args[2]) > 1) {
      throw new Error("CROSSSLOT Keys in request don't hash to the same slot");
    }
    return client.sendCommand(args);
  };
  return libraryApp(storeOn(client), { counter: redisCounter({ sendCommand }) });
}
