import path from 'node:path';

import type { SmtpSettings } from '../mail/smtp-mailer';
import { readAddress, readPort, readText } from './environment';
import { readFlowroute, type FlowrouteSettings } from './flowroute-settings';
import { readSmtp } from './mail-settings';
import { installationSecrets, readSecrets, type Secrets } from './secrets';
import { SettingsError } from './settings-error';

export interface Settings {
  port: number;
  simulatorPort: number;
  /** Where sessions and counts are kept; in memory where it is not given. */
  redisUrl: URL | undefined;
  dataDir: string;
  /** The real carrier's account. Where there is none, the simulator takes the texts. */
  flowroute: FlowrouteSettings | undefined;
  /** The mail server. Where there is none, the simulator takes the mails, if it is there. */
  smtp: SmtpSettings | undefined;
  /** The address people type. Decides cookies' flags, the domain named in texts, links in mails. */
  publicUrl: URL | undefined;
  secrets: Secrets;
}

/** From the compiled file's own folder, so that the place does not depend on where the app is started. */
const DEFAULT_DATA_DIR = path.join(__dirname, '..', '..', 'var');

/** A file of its own for the demo: users whose password everybody knows never meet real ones. */
export function databaseFile({ dataDir, flowroute }: Settings): string {
  return path.join(dataDir, flowroute ? 'bank.db' : 'demo.db');
}

/**
 * Reads the environment, once. Every wrong value throws a `SettingsError`; a variable that is
 * empty counts as not given, because that is how `.env` files leave things out.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const port = readPort(env, 'PORT', 3000);
  const simulatorPort = readPort(env, 'SIMULATOR_PORT', 3001);
  const flowroute = readFlowroute(env);
  if (!flowroute && port !== 0 && port === simulatorPort) {
    throw new SettingsError(
      `PORT and SIMULATOR_PORT are both ${port}: the bank and the simulator need a port each. ` +
        `Set SIMULATOR_PORT to a free one, such as ${port === 65_535 ? 3001 : port + 1}.`,
    );
  }
  const dataDir = path.resolve(readText(env, 'DATA_DIR') ?? DEFAULT_DATA_DIR);
  return {
    port,
    simulatorPort,
    redisUrl: readAddress(env, 'REDIS_URL', ['redis:', 'rediss:'], 'redis://localhost:6379'),
    dataDir,
    flowroute,
    smtp: readSmtp(env),
    publicUrl: readPublicUrl(env),
    secrets: readSecrets(env, flowroute ? undefined : () => installationSecrets(dataDir)),
  };
}

function readPublicUrl(env: NodeJS.ProcessEnv): URL | undefined {
  const url = readAddress(env, 'PUBLIC_URL', ['https:', 'http:'], 'https://bank.example');
  if (url && (url.pathname !== '/' || url.search || url.hash || url.username || url.password)) {
    throw new SettingsError(
      `PUBLIC_URL must be an origin without a path, but it is '${url.href}'. ` +
        `Set it to '${url.origin}'.`,
    );
  }
  return url;
}
