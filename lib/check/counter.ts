import type { Core } from '../core/core';
import { MINUTE_MS } from '../durations';
import type { SetupFinding } from '../errors';
import { NO_COUNT, type Count } from '../ports/counter';
import { failure, findingsAbout } from './failure';

const CURES = {
  away: 'Start it before the app, connect its client, and see that this machine may reach it; then ask again.',
  wrong: 'docs/counters.md says what each counter needs, and which rights.',
};
/** So many ask for one place at once. */
const AT_ONCE = 4;
/** Answers take their time, and some counters have whole seconds. */
const TOLERATED = 10_000;
/** Below it a counter tells the time since something began, and nothing of a clock. */
const A_DATE = 1e12;

const { wrong, warning } = findingsAbout('counter');

/** Whether the counter is there, allowed to all it needs, and counts as one; and whether its clock is ours. */
export async function checkCounter(core: Core, subject: string): Promise<SetupFinding[]> {
  const { counter, clock } = core;
  const key = `${subject}#place`;
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
    warnings.push(...(await noCounts(core)));
    return place === undefined ? warnings : [...warnings, ...clockOf(core, place, before, after)];
  } catch (error) {
    return [failure('counter', error, CURES)];
  }
}

/**
 * What all users share, and is no count: then nobody gets a text. Whether it is so of one user, phone or
 * address, nobody can ask beforehand; a line of the logger says so when it is met.
 */
async function noCounts({ counter, keyring, allowedCountries }: Core): Promise<SetupFinding[]> {
  const { subjects } = keyring;
  const shared = [
    subjects.everybody,
    ...[...allowedCountries].map((each) => subjects.country(each)),
  ];
  // Of a subject that is none every count is none, whatever its name.
  const { read } = await counter.settle({ read: shared.map((subject) => `${subject}#check`) });
  const found = [...read].filter(([, { count }]) => count === NO_COUNT);
  return found.map(([key]) => {
    const [subject = ''] = key.split('#', 1);
    return warning(
      `What lies under ${subject} is no count, so that its limits read as used up, and texts are refused.`,
      'Delete the key that ends so, and give what else writes there a prefix or a database of its own (docs/counters.md).',
    );
  });
}

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
