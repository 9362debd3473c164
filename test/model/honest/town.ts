import { publicDevice } from '../../../lib/core/devices/trusted-devices';
import type { CalledApp } from '../../express/carrier-calls';
import { atOnce, type RawAnswer, type RawRequest } from '../../helpers/parallel';
import { CookieJar, codeOf, sessionOnly, setBy } from './cookie-jar';
import { Devices, type Device } from './devices';
import { DAY, Sessions, type Line } from './sessions';
import { BROWSERS, COPIES, type Tabs } from './steps';

export const OWNER = 'id-of-A';
export const GATE = '/secret';
const MOST_DEVICES = 10;
const DEVICE_LIFETIME = 30 * DAY;
/** How long the session before stays: after a code, and after a pass by a device. */
const OVERLAP = { code: 10_000, device: 60_000 };

/** What must come of a request to the gated page, and whether it must tell of a copy. */
interface Expected {
  verdict: 'open' | 'shut' | 'either';
  why: string;
  by?: Device;
  /** The token is proof that this one was copied. */
  copied?: Device;
}

interface Shown {
  session: string | undefined;
  token: string | undefined;
}

/** A browser of the owner: a jar that its tabs share. */
export interface OwnerBrowser {
  jar: CookieJar;
  saved: CookieJar | undefined;
  late: RawAnswer[];
}

/** The app, the owner's browsers, the thief's copies, and what is known of sessions and devices. */
export class Town {
  readonly browsers: OwnerBrowser[] = Array.from({ length: BROWSERS }, () => ({
    jar: new CookieJar(),
    saved: undefined,
    late: [],
  }));
  readonly copies: CookieJar[] = Array.from({ length: COPIES }, () => new CookieJar());
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly tally: Record<string, number> = {};
  /** Ids of devices that this step told copies of, may tell of, and must. */
  private told: string[] = [];
  private mayTell = new Set<string>();
  private mustTell = new Set<string>();
  private readonly closed: string[] = [];

  constructor(readonly app: CalledApp) {
    this.sessions = new Sessions(app.clock);
    this.devices = new Devices(app.clock);
    app.secondFactor.on('device_copied', ({ device }) => void this.told.push(device.id));
    for (const name of ['failed', 'locked', 'disabled', 'store_failed'] as const) {
      app.secondFactor.on(name, (facts) => this.fail(`${name}: ${JSON.stringify(facts)}`));
    }
    for (const name of ['device_used', 'device_copied', 'verified', 'reported'] as const) {
      app.secondFactor.on(name, () => this.count(name));
    }
  }

  private readonly faults: string[] = [];

  count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }

  fail(what: string): void {
    this.faults.push(what);
  }

  hold(holds: boolean, what: string): void {
    if (!holds) this.fail(what);
  }

  browser(index: number): OwnerBrowser {
    return this.browsers[index]!;
  }

  /** Sends these in the same moment, and learns from every answer, also from those that get lost. */
  async send(requests: RawRequest[], shown: Shown): Promise<RawAnswer[]> {
    const line = this.sessions.line(shown.session);
    const before = requests.map((request) =>
      request.path === GATE ? this.expected(shown) : undefined,
    );
    const answers = await atOnce(this.app.url, requests);
    if (line !== undefined && this.sessions.isAlive(shown.session)) {
      line.touchedAt = this.app.clock();
    }
    answers.forEach((answer, index) => {
      this.hold(answer.status < 500, `${requests[index]!.path}: ${answer.status}`);
      const expected = before[index];
      if (expected !== undefined) this.judge(expected, shown, answer);
    });
    const copied = before.find((each) => each?.copied !== undefined)?.copied;
    if (copied !== undefined && shown.token !== undefined) {
      const isTold = this.told.includes(publicId(shown.token));
      if (isTold || copied.ended === undefined) copied.ended = 'copied';
    }
    return answers;
  }

  /** One request with what this jar holds; the jar keeps the answer's cookies. */
  async ask(jar: CookieJar, method: string, path: string, body?: object): Promise<RawAnswer> {
    const [answer] = await this.send([jar.request(method, path, body)], shownBy(jar));
    jar.take(answer!);
    return answer!;
  }

  /** The same request of several tabs, whose answers meet these fates. */
  async tabs(
    browser: OwnerBrowser,
    fates: Tabs,
    ...[method, path, body]: [method: string, path: string, body?: object]
  ): Promise<RawAnswer[]> {
    const requests = fates.map(() => browser.jar.request(method, path, body));
    const answers = await this.send(requests, shownBy(browser.jar));
    answers.forEach((answer, index) => {
      const fate = fates[index];
      if (fate !== 'kept') this.count(`${fate} answers`);
      if (fate === 'kept') browser.jar.take(answer);
      if (fate === 'late') browser.late.push(answer);
    });
    return answers;
  }

  /** The gate, for whoever shows this: from what is known before the answer. */
  private expected({ session, token }: Shown): Expected {
    const line = this.sessions.line(session);
    if (line === undefined || !this.sessions.isAlive(session)) {
      return { verdict: 'shut', why: line?.ended ?? 'the session is over' };
    }
    const known = this.knownOf(line, session, token);
    const forgotten = known.verdict === 'open' && this.sessions.mayBeForgotten(line);
    return forgotten ? { ...known, verdict: 'either' } : known;
  }

  private knownOf(line: Line, session: string | undefined, token: string | undefined): Expected {
    const { mark } = line;
    if (mark !== undefined && line.tip === session) {
      const holds = this.holds(line);
      return { verdict: holds ? 'open' : 'shut', why: holds ? 'verified' : 'no longer verified' };
    }
    const device = this.devices.find(token);
    if (device === undefined || token === undefined) return { verdict: 'shut', why: 'no factor' };
    const standing = device.standing(token);
    const id = publicId(token);
    if (this.app.clock() >= device.expiresAt) return { verdict: 'shut', why: 'trust has expired' };
    const copied = standing === 'older' && device.ended !== 'copied' ? { copied: device } : {};
    if (standing === 'older' && device.ended !== 'copied') {
      this.hold(device.hasCopy, 'a token in honest hands is older than one use');
      this.mayTell.add(id);
    }
    if (!this.devices.isLive(device)) {
      return { verdict: 'shut', why: `the trust has ended: ${device.ended}`, ...copied };
    }
    if (standing === 'older') {
      if (!this.sessions.mayBeForgotten(line)) this.mustTell.add(id);
      return { verdict: 'shut', why: 'a copied token', ...copied };
    }
    if (standing === 'lost') return { verdict: 'shut', why: 'a token that another one overtook' };
    return { verdict: 'open', why: 'a trusted device', by: device };
  }

  holds({ mark, ended }: Line): boolean {
    return (
      ended === undefined &&
      mark !== undefined &&
      mark.dead !== true &&
      this.app.clock() - mark.at < DAY &&
      (mark.device === undefined || this.devices.isLive(mark.device))
    );
  }

  private judge({ verdict, why, by }: Expected, shown: Shown, answer: RawAnswer): void {
    const open = answer.status === 200;
    if (verdict !== 'either') {
      const right = open === (verdict === 'open');
      this.hold(right, `the gate is ${open ? 'open' : 'shut'} (${why}): ${answer.body}`);
    }
    const { session, token } = setBy(answer);
    const line = this.sessions.line(shown.session);
    if (open && line !== undefined && by !== undefined) {
      if (session !== undefined) {
        this.sessions.wentOn(line, shown.session!, session, OVERLAP.device);
        line.mark ??= { at: this.app.clock(), device: by };
      }
      this.hold(token !== undefined, 'a pass by a device that brings no token');
      if (token !== undefined) by.used(shown.token!, token);
    }
    const isOut = codeOf(answer) === 'not_authenticated';
    const mustStay = line !== undefined && this.sessions.isAlive(shown.session);
    const known = mustStay && line.ended === undefined && !this.sessions.mayBeForgotten(line);
    this.hold(!(isOut && known), `signed out (${why})`);
  }

  /** The answer to a right code. */
  passed(shown: Shown, answer: RawAnswer): void {
    const line = this.sessions.line(shown.session);
    if (line === undefined) {
      this.fail('a code passed without a session');
      return;
    }
    const { session, token } = setBy(answer);
    if (session !== undefined) {
      this.sessions.wentOn(line, shown.session!, session, OVERLAP.code);
      line.mark = { at: this.app.clock() };
    }
    for (const text of line.texts) text.used ||= text.session === shown.session;
    if (token === undefined) return;
    const replaced = this.devices.find(shown.token);
    if (replaced !== undefined && shown.token !== undefined) {
      const older = replaced.standing(shown.token) === 'older' && replaced.ended !== 'copied';
      if (older) {
        this.hold(replaced.hasCopy, 'a token in honest hands is older than one use');
        this.mayTell.add(publicId(shown.token));
      }
      // Another code of the same moment has been here before.
      if (this.devices.isLive(replaced) && this.devices.find(token) === undefined) {
        if (older) this.mustTell.add(publicId(shown.token));
        replaced.ended = older ? 'copied' : 'trusted anew';
      }
    }
    this.devices.trusted(token, line, DEVICE_LIFETIME);
  }

  /** Nothing of this sign-in may be verified any more. */
  end(line: Line | undefined, why: string): void {
    if (line === undefined || line.ended !== undefined) return;
    line.ended = why;
    this.closed.unshift(...this.sessions.cookiesOf(line));
  }

  begin(): void {
    this.told = [];
    this.mayTell.clear();
    this.mustTell.clear();
  }

  /** After each step: what was told was true, and all that is known of is where it should be. */
  async lookAround(): Promise<void> {
    for (const id of this.told) {
      this.hold(this.mayTell.has(id), 'device_copied, though nothing older than one use was shown');
    }
    for (const id of this.mustTell) {
      this.hold(this.told.filter((each) => each === id).length === 1, 'a copy was not told once');
    }
    this.compareDevices();
    const jars = [...this.browsers.map(({ jar }) => jar), ...this.copies];
    const held = jars.map(({ session }) => session).filter((session) => session !== undefined);
    this.closed.splice(12);
    for (const session of new Set([...held, ...this.closed])) {
      const alone = { session, token: undefined };
      await this.send([sessionOnly(session, GATE)], alone);
    }
    if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
  }

  /** The devices that are trusted are those that nothing has ended, and no others. */
  private compareDevices(): void {
    const { devices = [] } = this.app.enrollments.get(OWNER) ?? {};
    const now = this.app.clock();
    const kept = devices.filter(({ expiresAt }) => now < expiresAt).map(({ id }) => id);
    if (kept.length === MOST_DEVICES) {
      // The one that was used longest ago went for another one.
      const over = this.devices.live().filter(([id]) => !kept.includes(id));
      for (const [, device] of over) device.ended = 'too many';
    }
    const live = this.devices.live().map(([id]) => id);
    const difference = [kept, live].map((ids) => [...ids].sort().join());
    this.hold(
      difference[0] === difference[1],
      `trusted are ${difference[0]}, not ${difference[1]}`,
    );
  }
}

export const shownBy = ({ session, token }: CookieJar): Shown => ({ session, token });

function publicId(token: string): string {
  return publicDevice({ id: token.split('.')[0] ?? '', name: '' }).id;
}
