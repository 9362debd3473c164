import type { Core } from '../core/core';
import { MINUTE_MS } from '../durations';
import type { SetupFinding } from '../errors';
import { NO_COUNT, type Count } from '../ports/counter';
import { failure, findingsAbout } from './failure';

const CURES = {
  away: 'Start it before the app, connect its client, and see that this machine may reach it; then ask again.',
  wrong: 'docs/counters.md says what each counter needs, and which rights.',
};
/** What is left behind where the process ends in the middle is gone after so many milliseconds. */
/** So many ask for one place at once. */
const AT_ONCE = 4;
/** Answers take their time, and some counters have whole seconds. */
const TOLERATED = 10_000;
/** Below it a counter tells the time since something began, and nothing of a clock. */
const A_DATE = 1e12;

/** Whether the counter is there, allowed to all it needs, and counts as one; and whether its clock is ours. */
export async function checkCounter(core: Core, subject: string): Promise<SetupFinding[]> {
  const { counter, clock } = core;
  const key = `${subject}#place`;
  const { wrong, warning } = findingsAbout('counter');
  try {
    const told = (await counter.check?.(subject)) ?? [];
    const before = clock();
    const take = [{ key, window: MINUTE_MS, limit: 1 }];
    const asked = Array.from({ length: AT_ONCE }, () => counter.settle({ take }));
    const settled = await Promise.all(asked).finally(() => counter.settle({ clear: [key] }));
    const after = clock();
    const got = settled.filter(({ ok }) => ok);
    if (got.length > 1) {
      return [
        wrong(
          `The counter gave one place to ${got.length} of ${AT_ONCE} that asked at once: that many guesses, and texts, would pass every limit.`,
          'It must look and count in one atomic step (docs/counters.md), never read and then write.',
        ),
      ];
    }
    const place = got[0]?.places.get(key);
    const warnings = told.map(({ says, cure }) => warning(says, cure));
    return place === undefined ? warnings : [...warnings, ...clockOf(core, place, before, after)];
  } catch (error) {
    const finding = failure('counter', error, CURES);
    const line = NEEDS.exec(finding.says);
    if (line === null || finding.state !== 'wrong') return [finding];
    // The counter itself says what mends it.
    const says = `${finding.says.slice(0, line.index).replace(/[\s.]+$/, '')}.`;
    return [{ ...finding, says, cure: `Run ${line[1] ?? ''} (docs/counters.md).` }];
  }
}

const NEEDS = /(?:It|The counter) needs: (.+?)(?: \(docs\/counters\.md\))?\.$/;

/** How far this process' clock is from that of the counter, which all processes share. */
function clockOf(core: Core, place: Count, before: number, after: number): SetupFinding[] {
  // A new window: it began when the place was taken.
  const theirs = place.ends - MINUTE_MS;
  if (place.ends === NO_COUNT || !Number.isFinite(theirs) || theirs < A_DATE) return [];
  const ahead = before > theirs ? before - theirs : Math.min(0, after - theirs);
  if (Math.abs(ahead) <= TOLERATED) return [];
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  return [
    findingsAbout('clock').warning(
      `The clock of this process is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} that of the counter. Where it is this one that is wrong, a code (${core.limits.challengeLifetime} s), maxAge and a session end so much too early or too late at another process.`,
      'Set both machines by the network (NTP), and containers by their host.',
    ),
  ];
}
