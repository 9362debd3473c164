import {
  codesMatch,
  deriveCode,
  malformedDetail,
  readCode,
  typedCode,
} from '../../../lib/core/challenge/code';

const KEY = Buffer.alloc(32, 7);
const BINDING = { id: 'i', userId: 'A', purpose: 'sign-in', phone: '+12065550142' };

test('[S1] a code is the keyed digest of its binding, by the digit', () => {
  // Computed once by hand: HMAC-SHA-256 over length and bytes of each part, first 64 bits.
  expect(deriveCode(KEY, BINDING, 6)).toBe('215915');
  expect(deriveCode(KEY, BINDING, 10)).toBe('2402215915');
});

test('[S1] a code keeps its leading zeros', () => {
  const codes = Array.from({ length: 200 }, (_, each) =>
    deriveCode(KEY, { ...BINDING, id: String(each) }, 6),
  );
  expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
  expect(codes.some((code) => code.startsWith('0'))).toBe(true);
});

test.each(['id', 'userId', 'purpose', 'phone', 'transaction'])(
  '[S11] a code is bound to its %s',
  (part) => {
    const other = { ...BINDING, [part]: 'other' };
    expect(deriveCode(KEY, other, 10)).not.toBe(deriveCode(KEY, BINDING, 10));
  },
);

test('[S11] a code for one transaction is none for another', () => {
  const code = (transaction: string) => deriveCode(KEY, { ...BINDING, transaction }, 10);
  expect(code('100 USD to Bob')).not.toBe(code('100 USD to Eve'));
});

test('parts cannot run together into the same code', () => {
  const one = deriveCode(KEY, { ...BINDING, id: 'ab', userId: 'c' }, 10);
  expect(deriveCode(KEY, { ...BINDING, id: 'a', userId: 'bc' }, 10)).not.toBe(one);
});

test.each([
  ['123456', '123456'],
  [' 123 456 ', '123456'],
  ['123-456', '123456'],
  ['123\u2013456', '123456'],
  ['123\u2014456', '123456'],
  ['123\u00a0456', '123456'],
  ['\r\n\t123456\t\r\n', '123456'],
  [`123456${' '.repeat(58)}`, '123456'],
  [`123456${' '.repeat(59)}`, undefined],
  ['123\n456', '123456'],
  ['123 - 456', '123456'],
  ['1  2  3  4  5  6', '123456'],
  ['12345', undefined],
  ['1234567', undefined],
  ['123456.', '123456'],
  ['#123456', '123456'],
  ['(\u201c123 456\u201d)', '123456'],
  ['123456.7', undefined],
  ['123.456', undefined],
  ['#1234567', undefined],
  ['#123456x', undefined],
  ['12345a', undefined],
  ['a12345', undefined],
  ['١٢٣٤٥٦', '123456'],
  ['', undefined],
  [123_456, undefined],
  [['123456'], undefined],
  [{ length: 6, replace: () => '123456' }, undefined],
  [undefined, undefined],
])('[S109][S110] %j is read as the code %p', (input, code) => {
  expect(readCode(input, 6)).toBe(code);
});

test.each([
  ['', 'detail.codeMissing'],
  [' \t-\u2013\u2014', 'detail.codeMissing'],
  [undefined, 'detail.codeMissing'],
  [{ length: 6 }, 'detail.string'],
  [12_345, 'detail.stringNotNumber'],
  ['12345x', 'detail.codeNotDigits'],
  ['x12345', 'detail.codeNotDigits'],
  ['12 345', 'detail.codeTooShort'],
  ['12 34567', 'detail.codeTooLong'],
  [`${' '.repeat(63)}1x`, 'detail.codeTooShort'],
  // Of the right length, but with another number beside it.
  ['1 234567', 'detail.codeTooLong'],
])('[S154] of %j it is said: %s', (input, detail) => {
  expect(malformedDetail(input, 6).say).toBe(detail);
});

test('[S15] only equal codes match, whatever their lengths', () => {
  expect(codesMatch('123456', '123456')).toBe(true);
  for (const given of ['123457', '12345', '1234567', '']) {
    expect(codesMatch('123456', given)).toBe(false);
  }
});

test('[S109] what was typed is a code, or is refused with what is wrong with it and what one looks like', () => {
  expect(typedCode(' 123 456 ', 6)).toEqual({ ok: true, code: '123456' });
  const refused = { ok: false, code: 'code_malformed' };
  const detail = { say: 'detail.codeTooShort', digits: 6 };
  expect(typedCode('12345', 6)).toEqual({ ...refused, detail });
  const say = 'detail.stringNotNumber';
  expect(typedCode(123_456, 6)).toEqual({
    ...refused,
    detail: { say, name: 'code', such: '012345' },
  });
  expect(malformedDetail(1, 8)).toEqual({ say, name: 'code', such: '01234567' });
});
