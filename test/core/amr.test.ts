import {
  addedAmr,
  ANY_FACTOR,
  hasOwnPage,
  isAppsOwn,
  isByCode,
  isMethod,
  needsEnrollment,
  PASSWORD,
} from '../../lib/core/amr';

test('a method is a short word of small letters, digits, hyphens and underscores', () => {
  for (const method of ['sms', 'otp', 'a', 'face-id_2', 'x'.repeat(32)]) {
    expect([method, isMethod(method)]).toEqual([method, true]);
  }
  for (const other of [
    '',
    'SMS',
    'one time',
    'x'.repeat(33),
    'sms\n',
    'é',
    7,
    undefined,
    ['sms'],
  ]) {
    expect([other, isMethod(other)]).toEqual([other, false]);
  }
});

test.each([
  // Method, by a code that was sent, needs a phone, has a page of the library, is the app's own.
  ['sms', true, true, true, false],
  ['email', true, true, true, false],
  ['recovery', false, true, true, false],
  [ANY_FACTOR, false, false, true, false],
  [PASSWORD, false, false, false, false],
  ['otp', false, false, false, true],
  ['hwk', false, false, false, true],
])('[S156] of %s it is known who vouches for it', (method, byCode, enrolled, page, apps) => {
  expect([isByCode, needsEnrollment, hasOwnPage, isAppsOwn].map((is) => is(method))).toEqual([
    byCode,
    enrolled,
    page,
    apps,
  ]);
});

test.each([
  [['pwd'], [], ['pwd']],
  [['pwd'], ['sms'], ['pwd', 'sms', 'mfa']],
  [['hwk', 'user'], [], ['hwk', 'user']],
  [[], [], []],
  [[], ['sms'], ['sms']],
  [[], ['hwk', 'user'], ['hwk', 'user', 'mfa']],
  [['sms'], ['sms'], ['sms']],
  [['pwd', 'otp'], ['otp'], ['pwd', 'otp', 'mfa']],
])('[S156] %j and then %j is %j, and no more', (first, second, amr) => {
  expect(addedAmr(first, second)).toEqual(amr);
});
