import type { Finding } from '../../lib/cli/findings';
import { createKeyring } from '../../lib/core/keyring';
import { carrierError } from '../flowroute/client-world';
import { account, SECRET, type Account } from './account';
import { command, documents } from './terminal';
import { startApp } from './webhooks-app';

export const TOKEN = createKeyring([SECRET]).webhookTokens[0]!;

interface Examined {
  code: number;
  text: string;
  findings: Finding[];
  /** What was found of one thing. */
  of: (check: Finding['check']) => Finding[];
}

/** Runs the doctor and resolves with what it found. */
export async function examine(
  env: Record<string, string>,
  args: string[] = [],
  clock: () => number = Date.now,
): Promise<Examined> {
  const { code, out, err } = await command(['doctor', '--json', ...args], { env, clock });
  const { findings } = documents(out)[0] as unknown as { findings: Finding[] };
  const of = (check: Finding['check']) => findings.filter((each) => each.check === check);
  return { code, text: out + err, findings, of };
}

/** A carrier that answers with a failure where the path is such. */
export function fails(status: number, path = /./): NonNullable<Parameters<typeof account>[0]> {
  return {
    instead: (req, res) => {
      if (req.method === 'HEAD' || !path.test(req.url ?? '')) return false;
      carrierError(status)(res, req);
      return true;
    },
  };
}

/** An account, an app that it calls back, and the settings of both. */
export async function wellSet(): Promise<{ carrier: Account; env: Record<string, string> }> {
  const [carrier, url] = [await account(), await startApp(SECRET)];
  const address = `${url}/webhooks/flowroute/${TOKEN}`;
  for (const kind of ['sms', 'mms', 'sms_dlr', 'mms_dlr']) carrier.callbacks.set(kind, address);
  return { carrier, env: { ...carrier.env, PUBLIC_URL: url, SECOND_FACTOR_SECRET: SECRET } };
}
