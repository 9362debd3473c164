import { SecondFactorError } from '../../errors';
import type { Command, Context } from '../command';
import { DONE } from '../command';
import { charactersOver } from '../../core/challenge/message';
import { DEFAULT_LIMITS } from '../../core/limits';
import { checkDomain, checkText } from '../../options/check-values';
import { UsageError } from '../failures';
import { CARRIER_OPTIONS, FROM, SHOW_NUMBERS } from '../line/common-options';
import { CARRIER_SETTINGS } from '../line/setting-names';
import { shownNumber } from '../terminal/printable';
import { askCode } from './ask-code';
import { askPhone } from './ask-phone';
import { openDemoCarrier, type DemoCarrier } from './demo-carrier';
import { demoCore } from './demo-core';
import { demoUser } from './demo-user';

export const demo: Command = {
  name: 'demo',
  summary: 'walks through a sign-in with a texted code, here on the terminal',
  usage: '',
  options: {
    'app-name': { kind: 'text', value: '<name>', about: 'whom the text names (Demo)' },
    domain: {
      kind: 'text',
      value: '<host>',
      about: 'for the domain line of the text; default none',
    },
    'simulator-port': {
      kind: 'text',
      value: '<port>',
      about: 'where the simulator listens, if it is used; default a free one',
    },
    ...FROM,
    ...CARRIER_OPTIONS,
    ...SHOW_NUMBERS,
  },
  settings: [...CARRIER_SETTINGS, 'FLOWROUTE_FROM'],
  details: [
    'With FLOWROUTE_ACCESS_KEY, FLOWROUTE_SECRET_KEY and FLOWROUTE_FROM a real text goes out. Without',
    'keys it starts a simulator, and the text arrives on its phone page. Guesses are counted, codes',
    'expire, and too many wrong ones lock, as in an app. Nothing is kept when it ends.',
  ],
  run: runDemo,
};

async function runDemo(context: Context): Promise<number> {
  const names = readNames(context);
  const carrier = await openDemoCarrier(context);
  try {
    return await signIn(context, carrier, names);
  } catch (error) {
    // The library keeps what the carrier said for the app's log; here its owner is watching.
    throw error instanceof SecondFactorError && error.cause instanceof SecondFactorError
      ? error.cause
      : error;
  } finally {
    await carrier.close();
  }
}

async function signIn(
  context: Context,
  { sender, phonePage }: DemoCarrier,
  names: { appName: string; domain: string | undefined },
): Promise<number> {
  const { given, printer, prompts, clock } = context;
  const core = demoCore({ ...names, sender, clock });
  if (phonePage !== undefined) {
    printer.remark(`No Flowroute keys are set, so texts arrive at ${phonePage}`);
  }
  printer.remark('Make up a user name and a password: this demo takes any, and keeps none.');
  const username = await askFilled(() => prompts.ask('User name: '));
  await askFilled(() => prompts.askHidden('Password: '));
  const user = demoUser(core, username);
  const phone = await askPhone(context, user);
  await askCode(context, user, phone);
  const shown = shownNumber(phone, given.flag('show-numbers'));
  printer.result({ verified: true, username, phone: shown }, [
    printer.paint(
      'green',
      `Welcome, ${username}. The password alone was not enough; the code was.`,
    ),
  ]);
  return DONE;
}

async function askFilled(ask: () => Promise<string>): Promise<string> {
  for (;;) {
    const answer = await ask();
    if (answer !== '') return answer;
  }
}

function readNames({ given }: Context): { appName: string; domain: string | undefined } {
  const appName = checkText('--app-name', given.text('app-name') ?? 'Demo');
  const domain = checkDomain(given.text('domain'));
  const { codeLength, challengeLifetime: lifetimeSeconds } = DEFAULT_LIMITS;
  const over = charactersOver({ appName, domain, codeLength, lifetimeSeconds });
  if (over <= 0) return { appName, domain };
  throw new UsageError(`--app-name is too long for a text; shorten it by ${over} characters.`);
}
