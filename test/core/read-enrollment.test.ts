import { SecondFactorError } from '../../lib/errors';
import { readEnrollment } from '../../lib/core/read-enrollment';
import type { TrustedDevice } from '../../lib/ports/enrollments';
import { enrollmentOf, PHONE } from '../helpers/core';

const TIME = 1_728_000_000_000;
const DEVICE: TrustedDevice = {
  id: 'i',
  digest: 'd',
  next: [{ digest: 'n', until: TIME }],
  lost: ['l'],
  before: { digest: 'b', until: TIME },
  epoch: 'e',
  name: 'Firefox on Linux',
  trustedAt: TIME,
  lastUsedAt: TIME + 1,
  expiresAt: TIME + 2,
};
/** Everything that an enrollment may have. */
const WHOLE = {
  ...enrollmentOf(PHONE, { version: 1_234_567_890 }),
  confirmedAt: TIME,
  confirmedFrom: '2001:db8::1',
  recoveryCodes: { salt: 's', digests: ['a', 'b'] },
  newRecoveryCodes: { id: 'i', keyId: 'k', madeAt: TIME, session: 's' },
  devices: [DEVICE],
  endedDevices: [{ ...DEVICE, endedAt: TIME }],
  disabledAt: TIME,
  consent: { at: TIME, version: 'v' },
  unheardOf: { list: [1, { two: 'x' }], name: 'Zoë ☎', no: false },
};

/** The same value with each one of these in its place, at any depth. */
const each = (
  value: unknown,
  make: (found: unknown, key: string) => unknown,
  key = '',
): unknown => {
  const made = make(value, key);
  if (made !== value || typeof value !== 'object' || value === null) return made;
  if (Array.isArray(value)) return value.map((one) => each(one, make, key));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, each(one, make, name)]),
  );
};
const isOurs = (key: string): boolean => !['unheardOf', 'list', 'two', 'no'].includes(key);
const numbers = (make: (value: number) => unknown): unknown =>
  each(WHOLE, (found, key) => (typeof found === 'number' && isOurs(key) ? make(found) : found));
const objects = (make: (value: object) => unknown): unknown => {
  const inside = (value: object): object =>
    Array.isArray(value)
      ? value.map((one: unknown) => wrapped(one))
      : Object.fromEntries(
          Object.entries(value).map(([name, one]) => [name, isOurs(name) ? wrapped(one) : one]),
        );
  const wrapped = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? make(inside(value)) : value;
  return wrapped(WHOLE);
};
const text = JSON.stringify(WHOLE);

/** As Mongoose makes a document: an instance, whose fields are getters of its class. */
class Document {
  readonly $__ = { internal: true };
  constructor(readonly $kept: object) {}
  toObject(): object {
    return { _id: { toString: () => 'x' }, __v: 3, ...this.$kept };
  }
  toJSON(): object {
    throw new Error('a transform of the app, which may leave out fields');
  }
}
class Instance {
  readonly unheardOf = undefined;
  constructor(fields: object) {
    Object.assign(this, fields);
  }
}
class Model {
  constructor(readonly dataValues: object) {}
  toJSON(): object {
    return this.dataValues;
  }
}
/** As BSON has a number of 64 bits. */
class Long {
  constructor(readonly low: number) {}
  toString(): string {
    return String(this.low);
  }
}
class Binary {
  readonly _bsontype = 'Binary';
  readonly buffer: Uint8Array;
  readonly position: number;
  constructor(given: string) {
    this.position = Buffer.byteLength(given);
    this.buffer = Buffer.concat([Buffer.from(given), Buffer.from('garbage')]);
  }
}
const orNull = (value: object): object => (Array.isArray(value) ? value : { ...value, more: null });

const AS_KEPT: [string, unknown][] = [
  ['as it is', WHOLE],
  ['JSON text', text],
  [
    'JSON text in another order, with blanks',
    JSON.stringify(Object.fromEntries(Object.entries(WHOLE).reverse()), null, 2),
  ],
  ['a text of a text', JSON.stringify(text)],
  ['a Buffer', Buffer.from(text)],
  ['a Uint8Array', new TextEncoder().encode(text)],
  ['a Binary of a driver', new Binary(text)],
  ['text in every place', objects((value) => JSON.stringify(value))],
  ['instances of classes in every place', objects((value) => (Array.isArray(value) ? value : new Instance(value)))], // prettier-ignore
  ['documents of Mongoose in every place', objects((value) => (Array.isArray(value) ? value : new Document(value)))], // prettier-ignore
  ['a model of Sequelize', new Model(WHOLE)],
  ['a document whose value is text', new Model(Buffer.from(text))],
  ['objects without a prototype', objects((value) => (Array.isArray(value) ? value : Object.assign(Object.create(null), value)))], // prettier-ignore
  ['null in every object', objects(orNull)],
  ['undefined in every object', objects((value) => (Array.isArray(value) ? value : { ...value, more: undefined }))], // prettier-ignore
  ['_id and __v in every object', objects((value) => (Array.isArray(value) ? value : { _id: 1, ...value, __v: 0 }))], // prettier-ignore
  ['numbers as text', numbers(String)],
  ['numbers as text with decimals', numbers((value) => `${value}.00`)],
  ['bigints', numbers(BigInt)],
  ['numbers of a driver', numbers((value) => new Long(value))],
  ['dates', each(WHOLE, (found) => (Number(found) >= TIME ? new Date(Number(found)) : found))],
  ['dates as text', each(WHOLE, (found) => (Number(found) >= TIME ? new Date(Number(found)).toISOString() : found))], // prettier-ignore
  ['dates of SQL with a zone', each(WHOLE, (found) => (Number(found) >= TIME ? new Date(Number(found)).toISOString().replace('T', ' ').replace('Z', '+00') : found))], // prettier-ignore
];

test.each(AS_KEPT)('an enrollment is read from what a database makes of it: %s', (_what, kept) => {
  expect(readEnrollment(kept)).toStrictEqual(WHOLE);
});

test('what is read is plain JSON, and reads as the same again', () => {
  for (const [, kept] of AS_KEPT) {
    const found = readEnrollment(kept);
    expect(JSON.parse(JSON.stringify(found))).toStrictEqual(found);
    expect(readEnrollment(JSON.stringify(found))).toStrictEqual(found);
  }
});

test('null for what is absent is nothing, at any depth', () => {
  const bare = enrollmentOf();
  const absent = Object.fromEntries(Object.keys(WHOLE).map((name) => [name, null]));
  expect(readEnrollment({ ...absent, ...bare })).toStrictEqual(bare);
  const { next, lost, before, ...device } = DEVICE;
  const kept = { ...bare, devices: [{ ...device, next: null, lost: null, before: null }] };
  expect(readEnrollment(kept)).toStrictEqual({ ...bare, devices: [device] });
});

test('nothing is no enrollment, and so is JSON’s null', () => {
  for (const none of [undefined, null, 'null', Buffer.from('null')]) {
    expect(readEnrollment(none)).toBeUndefined();
  }
});

test('versions of every size are read: small ones, and those that were the time', () => {
  for (const version of [1, 2_147_483_646, TIME, Number.MAX_SAFE_INTEGER]) {
    expect(readEnrollment({ ...enrollmentOf(), version: String(version) })).toMatchObject({
      version,
    });
  }
});

test('a further field that no JSON can be made of is left out, and __proto__ is no field', () => {
  const circle: Record<string, unknown> = {};
  circle.circle = circle;
  const given = { ...enrollmentOf(), circle, big: 1n, call: () => 1 };
  expect(readEnrollment(given)).toStrictEqual(enrollmentOf());
  const polluted = readEnrollment(
    `{"__proto__":{"disabledAt":1},${JSON.stringify(enrollmentOf()).slice(1)}`,
  );
  expect(polluted?.disabledAt).toBeUndefined();
});

test('[S134] what stands on a polluted Object.prototype is no field and reads nothing', () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  try {
    polluted.disabledAt = 1;
    polluted.toObject = () => WHOLE;
    polluted._bsontype = 'Binary';
    expect(readEnrollment(enrollmentOf())).toStrictEqual(enrollmentOf());
    expect(() => readEnrollment({})).toThrow(SecondFactorError);
  } finally {
    for (const name of ['disabledAt', 'toObject', '_bsontype'])
      Reflect.deleteProperty(polluted, name);
  }
});

/** A text of a text, so many times. */
const wrapped = (inner: string, times: number): string =>
  times === 0 ? inner : wrapped(JSON.stringify(inner), times - 1);

/** What is wrong, and what the operator reads of it. */
const BROKEN: [unknown, string][] = [
  ['x', 'the answer is a text of 1 characters, not JSON.'],
  ['', 'the answer is a text of 0 characters, not JSON.'],
  [`{"phone":"${PHONE}"`, 'the answer is a text of 23 characters, not JSON.'],
  [Buffer.from([0xff, 0x00]), 'the answer is a text of 2 characters, not JSON.'],
  [wrapped('{}', 8), 'characters, not an object.'],
  [{ ...WHOLE, phone: Buffer.from('abc') }, 'phone is 3 bytes, not a text such as +12065550142.'],
  [{ [`${PHONE}x`]: 1, [`u ${PHONE}`]: 1 }, 'phone is missing in an object.'],
  [Object.fromEntries('abcdefghijkl'.split('').map((name) => [name, 1])), 'phone is missing in an object with a, b, c, d, e, f, g, h, i, j.'],
  ['7', 'the answer is a number, not an object.'],
  [false, 'the answer is a boolean, not an object.'],
  [0, 'the answer is a number, not an object.'],
  [() => WHOLE, 'the answer is a function, not an object.'],
  [[], 'the answer is a list of 0, not an object.'],
  [[WHOLE], 'the answer is a list of 1, not an object.'],
  [{}, 'phone is missing in an object.'],
  [new Map([['A', WHOLE]]), 'phone is missing in an object.'],
  [{ user_id: 'A', version: 1, value: WHOLE }, 'phone is missing in an object with user_id, version, value.'],
  [{ rows: [{ value: WHOLE }], rowCount: 1 }, 'phone is missing in an object with rows, rowCount.'],
  [{ [PHONE]: WHOLE }, 'phone is missing in an object.'],
  [{ ...WHOLE, phone: PHONE.slice(1) }, 'phone is a text of 11 characters, not a text such as +12065550142.'],
  [{ ...WHOLE, phone: Number(PHONE) }, 'phone is a number, not a text such as +12065550142.'],
  [{ ...WHOLE, phone: [PHONE] }, 'phone is a list of 1, not a text such as +12065550142.'],
  [{ ...WHOLE, phone: `${PHONE.slice(0, -1)}x` }, 'phone is a text of 12 characters, not a text such as +12065550142.'],
  ...['1.5', 1.5, 0, -1, '0', '', ' 1', '1e3', '0x1', 'soon', NaN, 2 ** 53, {}, [1], true].map(
    (version): [unknown, string] => [{ ...WHOLE, version }, 'not a whole number above 0.'],
  ),
  ...[Infinity, '', 'soon', '2026-01-01', '2026-01-01 10:00:00', {}, [1], true, new Date(NaN)].map(
    (disabledAt): [unknown, string] => [{ ...WHOLE, disabledAt }, 'not a number or a date.'],
  ),
  [{ ...WHOLE, recoveryCodes: 'codes' }, 'recoveryCodes is a text of 5 characters, not JSON.'],
  [{ ...WHOLE, recoveryCodes: ['d'] }, 'recoveryCodes is a list of 1, not an object.'],
  [{ ...WHOLE, recoveryCodes: { digests: ['d'] } }, 'recoveryCodes.salt is missing in an object with digests.'],
  [{ ...WHOLE, recoveryCodes: { salt: 's', digests: { 0: 'd' } } }, 'recoveryCodes.digests is an object, not a list.'],
  [{ ...WHOLE, recoveryCodes: { salt: 's', digests: ['d', null] } }, 'recoveryCodes.digests[1] is missing, not a text.'],
  [{ ...WHOLE, newRecoveryCodes: { ...WHOLE.newRecoveryCodes, madeAt: 'x' } }, 'newRecoveryCodes.madeAt is a text of 1 characters, not a number or a date.'],
  [{ ...WHOLE, devices: { 0: DEVICE } }, 'devices is an object, not a list.'],
  [{ ...WHOLE, devices: [DEVICE, null] }, 'devices[1] is missing, not an object.'],
  [{ ...WHOLE, devices: [{ ...DEVICE, next: ['n'] }] }, 'devices[0].next[0] is a text of 1 characters, not JSON.'],
  [{ ...WHOLE, devices: [{ ...DEVICE, lost: [7] }] }, 'devices[0].lost[0] is a number, not a text.'],
  [{ ...WHOLE, endedDevices: [{}] }, 'endedDevices[0].id is missing in an object.'],
  [{ toJSON: () => WHOLE }, 'phone is missing in an object with toJSON.'],
  [new Document(new Instance({ toString: 1 })), 'phone is missing in an object with _id, __v, unheardOf, toString.'],
]; // prettier-ignore

test.each(BROKEN.map(([given, said]) => ({ given, said })))(
  '[S134] $said That is a broken store, and its operator reads why',
  ({ given, said }) => {
    let thrown: unknown;
    try {
      readEnrollment(given);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/^enrollments\.get answered .* is not an enrollment: /),
      cause: expect.any(TypeError),
    });
    const { message, cause } = thrown as { message: string; cause: Error };
    expect(message).toContain(said);
    expect(message).not.toMatch(/ \.\w/);
    expect(cause.message).toContain(`${said} Return what enrollments.set was given`);
    // A number that everybody may see is in the cure.
    for (const line of [message, cause.message]) {
      expect(line.replace('such as +12065550142', '')).not.toMatch(/\d{5}/);
    }
  },
);

test('[S134] each needed field that is missing, and each of another kind, is a broken store', () => {
  const broken = (given: unknown) =>
    expect(() => readEnrollment(given)).toThrow(
      expect.objectContaining({ code: 'store_unavailable' }),
    );
  const without = (value: object, key: string): object =>
    Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  const { next, lost, before, ...needed } = DEVICE;
  for (const key of ['phone', 'epoch', 'version']) broken(without(WHOLE, key));
  for (const key of ['salt', 'digests']) {
    broken({ ...WHOLE, recoveryCodes: without(WHOLE.recoveryCodes, key) });
  }
  for (const key of ['id', 'keyId', 'madeAt', 'session']) {
    broken({ ...WHOLE, newRecoveryCodes: without(WHOLE.newRecoveryCodes, key) });
  }
  for (const [key, value] of Object.entries(needed)) {
    broken({ ...WHOLE, devices: [without(DEVICE, key)] });
    broken({ ...WHOLE, devices: [{ ...DEVICE, [key]: typeof value === 'string' ? 7 : 'x' }] });
  }
});

test('a document that throws while it is read is a broken store, too', () => {
  const thrower = new Model({});
  jest.spyOn(thrower, 'toJSON').mockImplementation(() => {
    throw new Error(PHONE);
  });
  expect(() => readEnrollment(thrower)).toThrow(/it threw while it was read/);
  expect(() => readEnrollment(thrower)).not.toThrow(PHONE);
});

test('what a document says it is as data is read, whatever else it has', () => {
  class Row {
    buffer = new Uint8Array([1, 2, 3]);
    toObject = () => WHOLE;
  }
  expect(readEnrollment(new Row())).toEqual(readEnrollment(WHOLE));
});

test('a text of a text of a text is read', () => {
  expect(readEnrollment(wrapped(text, 3))).toEqual(readEnrollment(WHOLE));
});
