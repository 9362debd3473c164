import path from 'node:path';

import { createApp } from './app';
import { LOOPBACK, openCarrier } from './carrier';
import { openDatabase } from './database';
import { createDemoUsers, DEMO_PASSWORD, DEMO_USERNAMES } from './demo-users';
import { listen } from './listen';
import type { Demo } from './pages';
import { openSessionStore } from './session-store';
import { readSettings } from './settings';
import { SettingsError } from './settings-error';
import { closeOnSignal } from './shutdown';

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const { publicUrl } = settings;
  const simulated = settings.flowroute === undefined;
  // A file of its own for the demo: users whose password everybody knows never meet real ones.
  const database = openDatabase(path.join(settings.dataDir, simulated ? 'demo.db' : 'bank.db'));
  const sessions = await openSessionStore(settings.redisUrl);
  const carrier = await openCarrier(settings);
  const demo = carrier.phonePage === undefined ? undefined : demoWith(carrier.phonePage);
  if (demo) await createDemoUsers(database);

  const app = createApp({
    database,
    sessionStore: sessions.store,
    sender: carrier.sender,
    secrets: settings.secrets,
    secureCookies: publicUrl?.protocol === 'https:',
    ...(simulated ? { domain: 'localhost' } : domainOf(publicUrl)),
    ...(demo && { demo }),
  });
  // Demo passwords are public, so the simulated bank is for this machine only.
  const { server, port } = await listen(app, settings.port, simulated ? LOOPBACK : undefined);

  closeOnSignal(server, async () => {
    await carrier.close();
    sessions.close();
    database.close();
  });
  announce(publicUrl?.origin ?? `http://localhost:${port}`, demo);
  if (!simulated && publicUrl?.protocol !== 'https:') {
    console.warn(
      'PUBLIC_URL is not an https address: passwords and cookies travel in the clear. ' +
        'Set it to the https address of the proxy in front of this app.',
    );
  }
}

/** Texts name the domain for autofill, which knows names only: an IP address is left out. */
function domainOf(publicUrl: URL | undefined): { domain?: string } {
  if (!publicUrl || /^[\d.]+$|^\[/.test(publicUrl.hostname)) return {};
  return { domain: publicUrl.hostname };
}

function demoWith(phonePage: string): Demo {
  return { usernames: DEMO_USERNAMES, password: DEMO_PASSWORD, phonePage };
}

function announce(address: string, demo: Demo | undefined): void {
  console.log(`The bank:    ${address}`);
  if (!demo) return;
  console.log(`The phone:   ${demo.phonePage}   (no Flowroute keys, so texts arrive here)`);
  console.log(`Demo users:  ${demo.usernames.join(' and ')}, password: ${demo.password}`);
}

start().catch((error: unknown) => {
  // A wrong setting is told in its own sentence; only a mistake in the app deserves its stack.
  console.error(error instanceof SettingsError ? error.message : error);
  // Whatever did open (a simulator, a Redis connection) would keep the process alive.
  process.exit(1);
});
