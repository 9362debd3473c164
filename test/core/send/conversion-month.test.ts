import { conversionBudgets, verifiedKeys, verifiedPlaces } from '../../../lib/core/send/conversion';
import { heldOf } from '../../../lib/ports/counter';
import { makeWorld } from '../../helpers/core';
import { seeded } from '../../helpers/web';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Texts to unconfirmed numbers, guarded as the library guards them. */
function earth(start: number) {
  const world = makeWorld();
  const { core } = world;
  const { clock, counter } = core;
  const answers: { at: number; answer: () => Promise<unknown> }[] = [];
  const goTo = (then: number): void => world.pass((then - clock()) / 1_000);
  goTo(start);
  const advanceTo = async (then: number): Promise<void> => {
    for (;;) {
      answers.sort((a, b) => a.at - b.at);
      const due = answers[0];
      if (due === undefined || due.at > then) break;
      answers.shift();
      goTo(due.at);
      await due.answer();
    }
    goTo(then);
  };
  const text = async (phone: string, country: string, answeredAfter?: number): Promise<boolean> => {
    const destination = { phone, country };
    const { read } = await counter.settle({ read: verifiedKeys(core, destination, clock()) });
    const take = conversionBudgets(core, destination, read, clock());
    const charged = await counter.settle({ take });
    if (!charged.ok) return false;
    if (answeredAfter !== undefined) {
      const give = heldOf(take, charged.places);
      answers.push({
        at: clock() + answeredAfter,
        answer: () => counter.settle({ give, take: verifiedPlaces(core, destination, clock()) }),
      });
    }
    return true;
  };
  return { advanceTo, text, now: clock };
}

const randomPhone = (random: () => number, prefix: string): string =>
  prefix + String(Math.floor(random() * 1e7)).padStart(7, '0');

/** How a day's sign-ups spread over its hours; the busiest takes a sixth of them. */
const HOURS = [1, 1, 0, 0, 0, 1, 2, 4, 6, 7, 7, 8, 9, 7, 6, 6, 7, 9, 12, 16, 13, 8, 4, 2];

async function honestDays(
  place: ReturnType<typeof earth>,
  days: number,
  perDay: (day: number) => number,
  country: string,
  prefix: string,
  random: () => number,
): Promise<number> {
  const whole = HOURS.reduce((a, b) => a + b);
  const start = place.now();
  let refused = 0;
  for (let day = 0; day < days; day += 1) {
    for (const [hour, share] of HOURS.entries()) {
      const amount = Math.round((perDay(day) * share) / whole);
      for (let each = 0; each < amount; each += 1) {
        await place.advanceTo(start + day * DAY + hour * HOUR + (each * HOUR) / amount);
        // One in seven gives up; the others answer within two minutes.
        const answered = random() < 6 / 7 ? 20_000 + random() * 100_000 : undefined;
        if (!(await place.text(randomPhone(random, prefix), country, answered))) refused += 1;
      }
    }
  }
  await place.advanceTo(start + days * DAY);
  return refused;
}

test('a month of honest sign-ups is never refused: launch, growth, quiet weekends, a day of twice as many', async () => {
  const random = seeded(7);
  const place = earth(Date.UTC(2026, 0, 5));
  const perDay = (day: number): number => {
    const growth = 150 + day * 10;
    const weekend = day % 7 >= 5 ? 0.5 : 1;
    return growth * weekend * (day === 17 ? 2 : 1);
  };
  expect(await honestDays(place, 30, perDay, 'US', '+1206', random)).toBe(0);
}, 60_000);

test('a country of fifteen honest sign-ups a day is never refused', async () => {
  const place = earth(Date.UTC(2026, 0, 5));
  expect(await honestDays(place, 30, () => 15, 'CA', '+1604', seeded(11))).toBe(0);
});

test('where no honest traffic is, pumping is cut off within 40 texts a day, in one block or in many', async () => {
  for (const spread of [1e4, 1e7]) {
    const random = seeded(13);
    const place = earth(Date.UTC(2026, 0, 5));
    let through = 0;
    for (let each = 0; each < 2_500; each += 1) {
      await place.advanceTo(Date.UTC(2026, 0, 5) + each * 30_000);
      const phone = `+23276${String(Math.floor(random() * spread)).padStart(7, '0')}`;
      if (await place.text(phone, 'SL')) through += 1;
    }
    expect(through).toBeLessThanOrEqual(40);
    expect(through).toBeGreaterThan(0);
  }
});

test('where honest traffic is, pumping is cut off at the threshold, and other countries go on', async () => {
  const random = seeded(17);
  const place = earth(Date.UTC(2026, 0, 5));
  expect(await honestDays(place, 16, () => 400, 'US', '+1206', random)).toBe(0);
  let through = 0;
  for (let each = 0; each < 1_500; each += 1) {
    await place.advanceTo(place.now() + 10_000);
    if (await place.text(randomPhone(random, '+1305'), 'US')) through += 1;
  }
  // 0.3 × the best day's verified, of which there were some 345.
  expect(through).toBeLessThanOrEqual(0.3 * 360);
  expect(await place.text('+16045550100', 'CA')).toBe(true);
}, 60_000);
