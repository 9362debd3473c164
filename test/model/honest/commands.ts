import { newestCode } from '../../helpers/app';
import { ROUTER } from '../../helpers/paths';
import type { RawAnswer } from '../../helpers/parallel';
import type { CookieJar } from './cookie-jar';
import { codeOf, sessionOnly, setBy } from './cookie-jar';
import type { Line } from './sessions';
import type { Step, Tabs } from './steps';
import { GATE, OWNER, shownBy, type OwnerBrowser, type Town } from './town';

const { challenge, verify, devices } = ROUTER;
const PASSWORD = { username: 'A', password: 'right' };

/** Carries one command out; what is known of sessions and devices follows. */
export async function carryOut(step: Step, town: Town): Promise<void> {
  switch (step.do) {
    case 'sign in':
      return signIn(step, town);
    case 'type password':
      return typePassword(town, town.browser(step.browser), ['kept']);
    case 'visit':
      return visit(step, town);
    case 'step up':
      return stepUp(step, town);
    case 'sign out':
      return signOut(step, town);
    case 'save':
      town.browser(step.browser).saved = town.browser(step.browser).jar.copy();
      return;
    case 'restore': {
      const browser = town.browser(step.browser);
      if (browser.saved === undefined) return;
      town.count('restored');
      browser.jar = browser.saved.copy();
      noteCopy(town, browser.jar, 'older');
      return;
    }
    case 'end trust':
      return endTrust(town, town.browser(step.browser), step.tabs);
    case 'revoke':
      await town.app.secondFactor.admin.revoke(OWNER, { operator: 'Eve' });
      for (const { mark } of town.sessions.all()) if (mark !== undefined) mark.dead = true;
      {
        town.devices.forget();
        return;
      }
    case 'NO':
      return answerNo(town);
    case 'advance':
      return town.app.clock.advance(step.seconds);
    case 'copy':
      town.copies[step.copy] = town.browser(step.browser).jar.copy();
      {
        noteCopy(town, town.copies[step.copy]!);
        return;
      }
    case 'thief signs in': {
      const jar = town.copies[step.copy]!;
      jar.dropSession();
      learnSignIn(town, await town.ask(jar, 'POST', '/login', PASSWORD));
      return;
    }
    case 'thief visits': {
      const { status } = await town.ask(town.copies[step.copy]!, 'GET', GATE);
      if (status === 200) town.count('thief was in');
      return;
    }
    case 'thief asks for a text':
      await askForText(town, town.copies[step.copy]!);
      return;
    case 'thief ends trust': {
      const jar = town.copies[step.copy]!;
      return endTrust(town, { jar, saved: undefined, late: [] }, ['kept']);
    }
  }
}

/** A device whose token is in two jars from now on; of a restored one only where it is older than a use. */
function noteCopy(town: Town, { token }: CookieJar, standing?: 'older'): void {
  const device = town.devices.find(token);
  if (device === undefined || token === undefined) return;
  if (standing === undefined || device.standing(token) === standing) device.hasCopy = true;
}

function learnSignIn(town: Town, answer: RawAnswer): void {
  town.hold(answer.status === 200, `the password was answered with ${answer.status}`);
  const { session } = setBy(answer);
  if (session === undefined) town.fail('a sign-in without a session');
  else town.sessions.signedIn(session);
}

async function typePassword(town: Town, browser: OwnerBrowser, tabs: Tabs): Promise<void> {
  const before = shownBy(browser.jar);
  const wasAlive = town.sessions.isAlive(before.session);
  const fates = tabs.map((fate) => (fate === 'lost' ? fate : 'kept'));
  const again: Tabs[] = fates.includes('kept') ? [] : [['kept']];
  for (const each of [fates, ...again]) {
    const answers = await town.tabs(browser, each, 'POST', '/login', PASSWORD);
    for (const answer of answers) learnSignIn(town, answer);
    // The session of before is none any more, under no id.
    if (wasAlive) town.end(town.sessions.line(before.session), 'signed in again');
  }
}

async function signIn(step: Extract<Step, { do: 'sign in' }>, town: Town): Promise<void> {
  const browser = town.browser(step.browser);
  await typePassword(town, browser, step.tabs);
  await openPages(town, browser, step);
  if (!(await isIn(town, browser))) {
    await passCode(town, browser, step.posts, step.trust);
    town.hold(await isIn(town, browser), 'shut after the right code');
  }
  deliver(browser);
}

async function visit(step: Extract<Step, { do: 'visit' }>, town: Town): Promise<void> {
  const browser = town.browser(step.browser);
  await openPages(town, browser, step);
  deliver(browser);
}

/** Some pages at once, then more of them one by one. */
async function openPages(
  town: Town,
  browser: OwnerBrowser,
  { tabs, more }: { tabs: Tabs; more: number },
): Promise<void> {
  await town.tabs(browser, tabs, 'GET', GATE);
  for (let each = 0; each < more; each += 1) await town.tabs(browser, ['kept'], 'GET', GATE);
}

async function isIn(town: Town, { jar }: OwnerBrowser): Promise<boolean> {
  return (await town.ask(jar, 'GET', GATE)).status === 200;
}

/** Slow answers arrive. */
function deliver(browser: OwnerBrowser): void {
  for (const answer of browser.late) browser.jar.take(answer);
  browser.late = [];
}

/** Whether the text went out. */
async function askForText(town: Town, jar: CookieJar): Promise<RawAnswer> {
  const { session } = jar;
  const answer = await town.ask(jar, 'POST', challenge, {});
  if (answer.status === 202 && session !== undefined) {
    town.count('texts');
    const text = { session, sentAt: town.app.clock(), used: false };
    town.sessions.line(session)?.texts.push(text);
  }
  return answer;
}

/** A text, however long somebody else's make its user wait. */
async function getText(town: Town, jar: CookieJar): Promise<void> {
  for (let tries = 0; tries < 3; tries += 1) {
    const answer = await askForText(town, jar);
    if (answer.status === 202) return;
    const tooSoon = codeOf(answer) === 'resend_too_soon';
    if (!tooSoon) throw new Error(`no text: ${answer.status} ${answer.body}`);
    const { retryAfter } = JSON.parse(answer.body) as { retryAfter: number };
    await town.app.clock.advance(retryAfter);
  }
  throw new Error('no text after three waits');
}

/** A right code, posted as often as there are fates; each answer leads into the same session. */
async function passCode(
  town: Town,
  browser: OwnerBrowser,
  fates: Tabs,
  trust: boolean,
): Promise<void> {
  await getText(town, browser.jar);
  const before = browser.jar.copy();
  const body = { code: newestCode(town.app), ...(trust ? { trustDevice: true } : {}) };
  const answers = await town.tabs(browser, fates, 'POST', verify, body);
  // None came: the browser asks again.
  if (!fates.includes('kept')) answers.push(await town.ask(browser.jar, 'POST', verify, body));
  for (const answer of answers) {
    town.hold(answer.status === 200, `a right code: ${answer.status} ${answer.body}`);
    if (answer.status === 200) town.passed(shownBy(before), answer);
  }
  const opened = new Set(answers.map((answer) => setBy(answer).session));
  town.hold(opened.size === 1, `${opened.size} sessions for one code`);
  for (const session of opened) {
    if (session === undefined) continue;
    await town.send([sessionOnly(session, GATE)], { session, token: undefined });
  }
}

async function stepUp(step: Extract<Step, { do: 'step up' }>, town: Town): Promise<void> {
  const browser = town.browser(step.browser);
  if (!isVerified(town, browser.jar)) return;
  town.count('step-ups');
  await passCode(town, browser, step.posts, true);
  const { status } = await town.ask(browser.jar, 'POST', '/transfer', {});
  town.hold(status === 200, `a transfer after the code: ${status}`);
  deliver(browser);
}

function isVerified(town: Town, { session }: CookieJar): boolean {
  const line = town.sessions.line(session);
  if (line === undefined || line.tip !== session) return false;
  return town.holds(line) && !town.sessions.mayBeForgotten(line);
}

async function signOut(step: Extract<Step, { do: 'sign out' }>, town: Town): Promise<void> {
  const browser = town.browser(step.browser);
  const { jar } = browser;
  const canPass = (): boolean => {
    const line = town.sessions.line(jar.session);
    if (line === undefined || line.tip !== jar.session) return false;
    return town.sessions.isAlive(jar.session) && !town.sessions.mayBeForgotten(line);
  };
  const verifying = step.while === 'verifying' && canPass();
  if (verifying) await getText(town, jar);
  const before = jar.copy();
  const wasAlive = town.sessions.isAlive(before.session);
  const requests = step.tabs.map(() => before.request('POST', '/logout', {}));
  const code = verifying
    ? [before.request('POST', verify, { code: newestCode(town.app), trustDevice: true })]
    : [];
  const answers = await town.send([...code, ...requests], shownBy(before));
  const [passed] = verifying ? answers.splice(0, 1) : [];
  if (passed?.status === 200) town.passed(shownBy(before), passed);
  if (verifying)
    town.count(passed?.status === 200 ? 'code before sign-out' : 'sign-out before code');
  if (passed !== undefined) jar.take(passed);
  answers.forEach((answer, index) => {
    town.hold(answer.status === 200, `a sign-out: ${answer.status} ${answer.body}`);
    if (step.tabs[index] === 'kept') jar.take(answer);
  });
  if (wasAlive) {
    town.count('signed out');
    town.end(town.sessions.line(before.session), 'signed out');
  }
}

async function endTrust(town: Town, browser: OwnerBrowser, fates: Tabs): Promise<void> {
  const line = town.sessions.line(browser.jar.session);
  const may = isVerified(town, browser.jar) && line?.mark?.device === undefined;
  const { token } = browser.jar;
  const answers = await town.tabs(browser, fates, 'DELETE', devices);
  deliver(browser);
  const ended = answers.some(({ status }) => status === 204);
  town.hold(!ended || may, 'trust was ended without a factor in this session');
  town.hold(ended || !may, `trust could not be ended: ${answers[0]?.body}`);
  if (ended) town.count('trust ended');
  if (ended) town.devices.endAll('ended by a user', token);
  // An answer that took the cookie away and got lost looks like a thief's: the owner is told.
  if (ended && browser.jar.token !== undefined) noteCopy(town, browser.jar);
}

/**
 * NO is about the newest text to the phone: the session that asked for it ends, and the trust that it
 * passed by or brought. Of the others end those that never passed.
 */
async function answerNo(town: Town): Promise<void> {
  const { sessions } = town;
  const newest = sessions.newest();
  const meant = newest?.line;
  const answer = await town.app.answer('NO');
  town.hold(answer.status === 200, `NO: ${answer.status}`);
  if (meant === undefined) return;
  town.count('NO');
  const isOfUsed = usedOf(meant);
  const since = Math.min(
    ...sessions
      .recentTexts(meant)
      .filter(isOfUsed)
      .map(({ sentAt }) => sentAt),
  );
  const isOver = meant.ended !== undefined;
  for (const [, device] of town.devices.live()) {
    const wasPassedBy = !isOver && meant.mark?.device === device;
    if (wasPassedBy || device.trustedAt >= since) device.ended = 'NO';
  }
  town.end(meant, 'NO');
  for (const line of sessions.all()) {
    const recent = sessions.recentTexts(line);
    if (line.mark === undefined && recent.length > 0 && !recent.some(usedOf(line))) {
      town.end(line, 'NO to an unused code');
    }
  }
}

/** Texts of a session of which one code came back. */
function usedOf(line: Line): (text: Line['texts'][number]) => boolean {
  const used = new Set(line.texts.filter((text) => text.used).map(({ session }) => session));
  return ({ session }) => used.has(session);
}
