import { SecondFactorError } from 'passport-sms-2fa';

import { createBank } from './app';
import { LOOPBACK, openCarrier } from './server/carrier';
import { openDatabase } from './accounts/database';
import { createDemoUsers, DEMO_PASSWORD, DEMO_USERNAMES } from './accounts/demo-users';
import { callbackBase, setCallbacks } from './server/callbacks';
import { listen } from './server/listen';
import { openMailer } from './mail/open-mailer';
import type { Demo } from './pages/sign-in-pages';
import { openSessionStore } from './server/session-store';
import { databaseFile, readSettings } from './server/settings';
import { SettingsError } from './server/settings-error';
import { closeOnSignal } from './server/shutdown';
import { startMetrics } from './web/metrics';

async function start(): Promise<void> {
  const settings = readSettings(process.env);
  const { publicUrl } = settings;
  const simulated = settings.flowroute === undefined;
  const database = openDatabase(databaseFile(settings));
  const sessions = await openSessionStore(settings.redisUrl);
  const carrier = await openCarrier(settings);
  const demo = carrier.phonePage === undefined ? undefined : demoWith(carrier.phonePage);
  if (demo) await createDemoUsers(database);

  let address = publicUrl?.origin ?? '';
  const bank = createBank({
    database,
    sessionStore: sessions.store,
    counter: sessions.counter,
    sender: carrier.sender,
    mailer: openMailer(settings.smtp, carrier.phonePage),
    address: () => address,
    metrics: startMetrics(),
    secrets: settings.secrets,
    secureCookies: publicUrl?.protocol === 'https:',
    ...(simulated ? { domain: 'localhost' } : domainOf(publicUrl)),
    ...(demo && { demo }),
  });
  await bank.secondFactor.check();
  // Demo passwords are public, so the simulated bank is for this machine only.
  const { server, port } = await listen(bank.app, settings.port, simulated ? LOOPBACK : undefined);
  address ||= `http://localhost:${port}`;
  const live = bank.attachLive(server);

  closeOnSignal(
    server,
    () => live.close(),
    async () => {
      await bank.mailed();
      await carrier.close();
      sessions.close();
      database.close();
    },
  );
  announce(address, demo);
  const base = callbackBase(publicUrl, simulated ? port : undefined);
  void setCallbacks(carrier.client, base, bank.webhookPath, console.warn);
  if (!simulated && !settings.smtp) {
    console.warn(
      'SMTP_URL is not set, so no mails go out: nobody gets a link for a new password, or a notice.',
    );
  }
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
  console.log(
    `The phone:   ${demo.phonePage}   (no Flowroute keys, so texts and mails arrive here)`,
  );
  console.log(`Demo users:  ${demo.usernames.join(' and ')}, password: ${demo.password}`);
}

start().catch((error: unknown) => {
  // What is wrong with a setting, or what `check` found, says its cure; only a mistake in the app
  // deserves its stack.
  const isTold = error instanceof SettingsError || error instanceof SecondFactorError;
  console.error(isTold ? error.message : error);
  // Whatever did open (a simulator, a Redis connection) would keep the process alive.
  process.exit(1);
});
