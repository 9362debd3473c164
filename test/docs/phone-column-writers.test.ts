import { mapEnrollments, type Enrollment, type Enrollments } from '../../lib';
import { CONFIRMED, NEW, OLD, OTHER, phoneColumnEnrollments, type Row } from './phone-column';

const FIRST = CONFIRMED.getTime() + 5_000;

describe('two writers of a phone column', () => {
  let row: Row;
  let sideStore: Enrollments;
  let kept: Enrollments<Row>;
  let imported: Enrollment;
  beforeEach(async () => {
    row = { id: 'A', phone: OLD, phoneConfirmedAt: CONFIRMED };
    sideStore = mapEnrollments(new Map());
    kept = phoneColumnEnrollments({ find: () => Promise.resolve({ ...row }) }, sideStore);
    imported = (await kept.get('A'))!;
  });

  const at = (version: number, phone = NEW): Enrollment => ({
    phone,
    confirmedAt: 1,
    epoch: `epoch ${version}`,
    version,
  });

  test('of thirty writes at once over the column exactly one is kept', async () => {
    const phones = Array.from({ length: 30 }, (_, index) => `+120655501${10 + index}`);
    const answers = await Promise.all(
      phones.map(async (phone) => kept.set('A', at(imported.version + 1, phone), imported.version)),
    );
    expect(answers.filter((answer) => answer)).toEqual([true]);
    expect(await kept.get('A')).toMatchObject({ phone: phones[answers.indexOf(true)] });
  });

  test('of a replacement and a removal at once over the column one is done', async () => {
    const [set, removed] = await Promise.all([
      kept.set('A', at(imported.version + 1), imported.version),
      kept.delete('A', imported.version),
    ]);
    expect([set, removed].sort()).toEqual([false, true]);
    expect((await kept.get('A'))?.phone).toBe(set ? NEW : undefined);
  });

  test('who read the column is too late after a removal, and after what was enrolled then', async () => {
    expect(await kept.delete('A', imported.version)).toBe(true);
    const late = () => kept.set('A', at(imported.version + 1, OTHER), imported.version);
    expect(await late()).toBe(false);
    expect(await kept.delete('A', imported.version)).toBe(false);
    expect(await kept.get('A')).toBeUndefined();
    expect(await kept.set('A', at(FIRST), 0)).toBe(true);
    expect(await late()).toBe(false);
    expect(await kept.delete('A', imported.version)).toBe(false);
    expect(await kept.get('A')).toEqual(at(FIRST));
  });

  test('who read the column is too late once the app has changed it', async () => {
    Object.assign(row, { phone: OTHER, phoneConfirmedAt: new Date(CONFIRMED.getTime() + 1) });
    expect(await kept.set('A', at(imported.version + 1), imported.version)).toBe(false);
    expect(await kept.delete('A', imported.version)).toBe(false);
    expect(await kept.get('A')).toMatchObject({ phone: OTHER });
    expect((await kept.get('A'))?.epoch).not.toBe(imported.epoch);
  });

  /** A first write that has looked into the side store and goes on when it is let go. */
  const lateWriter = (): (() => Promise<boolean>) => {
    const look = sideStore.get.bind(sideStore);
    const hold: { release?: () => void } = {};
    const released = new Promise<void>((resolve) => (hold.release = resolve));
    sideStore.get = async (userId) => {
      const found = await look(userId);
      await released;
      return found;
    };
    const late = kept.set('A', at(FIRST, OTHER), 0);
    sideStore.get = look;
    return async () => {
      hold.release?.();
      return late;
    };
  };

  // The clock of the app may stand still or go back: not even then do two versions meet.
  test.each([0, 1, 5_000])(
    'who looked at a tombstone hits nothing that was enrolled %d ms after the removed one',
    async (after) => {
      await kept.delete('A', imported.version);
      const late = lateWriter();
      const anew = at(imported.version + after);
      expect(await kept.set('A', anew, 0)).toBe(true);
      expect(await late()).toBe(false);
      expect(await kept.get('A')).toEqual(anew);
    },
  );

  test('who looked at a tombstone does not hit a later one', async () => {
    await kept.delete('A', imported.version);
    const late = lateWriter();
    await kept.set('A', at(FIRST), 0);
    await kept.delete('A', FIRST);
    expect(await late()).toBe(false);
    expect(await kept.get('A')).toBeUndefined();
  });
});
