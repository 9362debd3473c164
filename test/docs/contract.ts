import type { Enrollment, Enrollments } from '../../lib';

const PHONE = '+12065550142';
const OTHER_PHONE = '+12065550143';
/** A first version is made of the time, and fits an int4. */
const FIRST = 1_073_741_824;

function enrollment(version: number, phone = PHONE): Enrollment {
  return { phone, confirmedAt: FIRST - 1, epoch: `epoch ${version}`, version };
}

/** What every `Enrollments` promises, wherever it keeps them. */
export function enrollmentsContract(name: string, make: () => Promise<Enrollments>): void {
  describe(`${name} keeps the contract of enrollments`, () => {
    let kept: Enrollments;
    beforeEach(async () => {
      kept = await make();
    });

    const expectKept = async (expected: Enrollment | undefined, userId = 'A') => {
      expect((await kept.get(userId)) ?? undefined).toEqual(expected);
    };
    const setFirst = async (userId = 'A') => {
      expect(await kept.set(userId, enrollment(FIRST), 0)).toBe(true);
    };

    test('nothing is there before it is set', async () => {
      await expectKept(undefined);
    });

    test('what was set comes back whole, with fields that nobody knows yet', async () => {
      const value = {
        ...enrollment(FIRST),
        confirmedFrom: '2001:db8::1',
        recoveryCodes: { salt: 'salt', digests: ['a', 'b'] },
        unheardOf: { list: [1, { two: null }], name: 'Zoë’s "phone" \\ ☎', empty: '', no: false },
      };
      expect(await kept.set('A', value, 0)).toBe(true);
      await expectKept(value);
      const later = { ...enrollment(FIRST + 1), unheardOf: [] };
      expect(await kept.set('A', later, FIRST)).toBe(true);
      await expectKept(later);
    });

    test.each([0, FIRST - 1, FIRST + 1])(
      'a set that expects version %d where another is stored answers false and changes nothing',
      async (expected) => {
        await setFirst();
        expect(await kept.set('A', enrollment(FIRST + 2, OTHER_PHONE), expected)).toBe(false);
        await expectKept(enrollment(FIRST));
      },
    );

    test('a set that expects a version where nothing is stored answers false', async () => {
      expect(await kept.set('A', enrollment(FIRST + 1), FIRST)).toBe(false);
      await expectKept(undefined);
    });

    test('of thirty first sets at once exactly one is kept', async () => {
      await expectOneWinner(0);
    });

    test('of thirty sets at once that expect the same version exactly one is kept', async () => {
      await setFirst();
      await expectOneWinner(FIRST);
    });

    const expectOneWinner = async (expectedVersion: number) => {
      const values = Array.from({ length: 30 }, (_, index) => ({
        ...enrollment(FIRST + 1),
        epoch: `of writer ${index}`,
      }));
      const answers = await Promise.all(
        values.map(async (value) => kept.set('A', value, expectedVersion)),
      );
      expect(answers.filter((answer) => answer)).toEqual([true]);
      await expectKept(values[answers.indexOf(true)]);
    };

    test('of a set and a delete at once that expect the same version one is done', async () => {
      await setFirst();
      const [set, deleted] = await Promise.all([
        kept.set('A', enrollment(FIRST + 1), FIRST),
        kept.delete('A', FIRST),
      ]);
      expect([set, deleted !== false].filter((done) => done)).toHaveLength(1);
      await expectKept(set ? enrollment(FIRST + 1) : undefined);
    });

    test.each([0, FIRST - 1, FIRST + 1])(
      'a delete that expects version %d where another is stored answers false and changes nothing',
      async (expected) => {
        await setFirst();
        expect(await kept.delete('A', expected)).toBe(false);
        await expectKept(enrollment(FIRST));
      },
    );

    test('what is deleted is gone, and a writer who still knows it is too late', async () => {
      await setFirst();
      expect(await kept.delete('A', FIRST)).not.toBe(false);
      await expectKept(undefined);
      expect(await kept.set('A', enrollment(FIRST + 1), FIRST)).toBe(false);
      await expectKept(undefined);
    });

    test('after a removal a user can enroll anew, and who knows the old version hits nothing', async () => {
      await setFirst();
      await kept.delete('A', FIRST);
      const anew = enrollment(FIRST + 5_000, OTHER_PHONE);
      expect(await kept.set('A', anew, 0)).toBe(true);
      expect(await kept.set('A', enrollment(FIRST + 1), FIRST)).toBe(false);
      expect(await kept.delete('A', FIRST)).toBe(false);
      expect(await kept.set('A', enrollment(FIRST + 1), 0)).toBe(false);
      await expectKept(anew);
    });

    test('users do not touch each other, whatever is in their ids', async () => {
      const ids = ['a', 'A', 'a:b', "O'Brien", '{a}', 'a*', '$1', '?', 'ключ', '__proto__', ' a'];
      for (const [index, id] of ids.entries()) {
        expect(await kept.set(id, enrollment(index + 1), 0)).toBe(true);
      }
      await kept.delete('a', 1);
      await expectKept(undefined, 'a');
      for (const [index, id] of ids.entries()) {
        if (id !== 'a') await expectKept(enrollment(index + 1), id);
      }
    });
  });
}
