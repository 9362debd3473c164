import { checkProof, checkRequire } from '../../lib/options/check-verbs';
import { createSecondFactor } from '../../lib';
import { fewestOptions } from '../helpers/app';

/** The option `email` is not set. */
const PLAIN = { email: undefined, preset: undefined };
const given = (options: unknown) => () => checkRequire(options as object, PLAIN);
const asked = (options: unknown) => () => checkProof(options as object, PLAIN);
const start = 'passport-sms-2fa: ';

test('nothing is asked where nothing is said', () => {
  const none = { maxAge: undefined, methods: undefined, redirectTo: undefined, resume: false };
  expect(checkRequire(undefined, PLAIN)).toEqual(none);
  expect(checkProof(undefined, PLAIN)).toEqual({ maxAge: undefined, methods: undefined });
});

test('good options are taken as they are, and cannot be changed later', () => {
  const methods = ['otp', 'sms'];
  const options = { maxAge: 0.5, methods, redirectTo: '/confirm', resume: true };
  const checked = checkRequire(options, PLAIN);
  expect(checked).toEqual(options);
  methods.push('pwd');
  expect(checked.methods).toEqual(['otp', 'sms']);
  expect(Object.isFrozen(checked) && Object.isFrozen(checked.methods)).toBe(true);
  const proof = { maxAge: 86_400, methods: ['otp'] };
  expect(checkProof(proof, PLAIN)).toEqual(proof);
});

// The last two are five minutes in milliseconds, and what no session gets to: they would ask for nothing.
test.each([0, -1, NaN, '300', null, [300], 300_000, 86_401])(
  'a maxAge of %p is refused',
  (maxAge) => {
    const cure =
      'Give a number of seconds above 0, such as 300, up to 86400: after a day nobody is verified.';
    for (const [check, where] of [
      [given, 'require'],
      [asked, 'isVerified'],
    ] as const) {
      expect(check({ maxAge })).toThrow(TypeError);
      expect(check({ maxAge })).toThrow(`${start}${where}({ maxAge }) is `);
      expect(check({ maxAge })).toThrow(cure);
    }
  },
);

test.each([
  ['sms', '"sms"'],
  [null, 'null'],
  [[], '[]'],
  [{ 0: 'sms', length: 1 }, 'an object'],
  [[''], '[""]'],
  [['sms', ''], '["sms", ""]'],
  [['sms', 7], '["sms", 7]'],
  [['SMS'], '["SMS"]'],
  [['sms '], '["sms "]'],
  [['x'.repeat(33)], `["${'x'.repeat(33)}"]`],
  // Whoever has signed in has this one: the gate would stand open.
  [['pwd'], '["pwd"]'],
  [['sms', 'pwd'], '["sms", "pwd"]'],
])('[S103] methods of %j are refused', (methods, shown) => {
  const cure = "Give AMR values of second factors, such as ['sms', 'otp'].";
  for (const [check, where] of [
    [given, 'require'],
    [asked, 'isVerified'],
  ] as const) {
    expect(check({ methods })).toThrow(TypeError);
    expect(check({ methods })).toThrow(`${start}${where}({ methods }) is ${shown}. ${cure}`);
  }
});

test('methods that the library’s page cannot lead to need the app’s own page', () => {
  expect(given({ methods: ['otp', 'hwk'] })).toThrow(TypeError);
  expect(given({ methods: ['otp', 'hwk'] })).toThrow(
    `${start}require({ methods }) is ["otp", "hwk"]. Name the page where the user passes it with redirectTo, or add 'sms': the library's own page asks for a texted code.`,
  );
  expect(given({ methods: ['otp'], redirectTo: '/totp' })).not.toThrow();
  for (const method of ['sms', 'recovery', 'mfa']) {
    expect(given({ methods: ['otp', method] })).not.toThrow();
  }
  expect(asked({ methods: ['otp'] })).not.toThrow();
});

test('[S103] a method of the library is refused where nobody could ever pass it', () => {
  const said = `({ methods }) is ["sms", "email"]. Nobody passes 'email' where the option email is not set.`;
  const options = { methods: ['sms', 'email'] };
  expect(given(options)).toThrow(TypeError);
  expect(given(options)).toThrow(`${start}require${said}`);
  expect(asked(options)).toThrow(`${start}isVerified${said}`);
  const email = { sender: { send: () => Promise.resolve() }, address: () => 'ada@acme.example' };
  expect(() => checkRequire({ methods: ['email'] }, { ...PLAIN, email })).not.toThrow();
  expect(() => checkProof({ methods: ['email'] }, { ...PLAIN, email })).not.toThrow();
});

test('[S157] a step-up that only a mailed code could pass is refused, unless a mail is enough for one', () => {
  const email = { sender: { send: () => Promise.resolve() }, address: () => 'ada@acme.example' };
  const options = { maxAge: 300, methods: ['email'] };
  const said = `({ methods }) is ["email"]. A mailed code is no step-up: add 'sms', or set email.stepUp to true.`;
  expect(() => checkRequire(options, { ...PLAIN, email })).toThrow(`${start}require${said}`);
  expect(() => checkProof(options, { ...PLAIN, email })).toThrow(`${start}isVerified${said}`);
  const both = { ...options, methods: ['email', 'sms'] };
  expect(() => checkRequire(both, { ...PLAIN, email })).not.toThrow();
  expect(() =>
    checkRequire(options, { ...PLAIN, email: { ...email, stepUp: true } }),
  ).not.toThrow();
});

test.each([
  ['yes', '"yes"'],
  [1, '1'],
  [null, 'null'],
  [[], '[]'],
  [() => ({}), 'a function'],
])('a resume of %p is refused', (resume, shown) => {
  expect(given({ resume })).toThrow(TypeError);
  expect(given({ resume })).toThrow(
    `${start}require({ resume }) is ${shown}. Give true, false or { describe }.`,
  );
});

test('a resume may describe the form, by a function and nothing else', () => {
  const describe = () => ({ title: 'Send money', lines: [] });
  const { resume } = checkRequire({ resume: { describe } }, PLAIN);
  expect(resume).toEqual({ describe });
  expect(Object.isFrozen(resume)).toBe(true);
  for (const [wrong, shown] of [
    [{}, 'undefined'],
    [{ describe: 'Send money' }, '"Send money"'],
    [Object.create({ describe }), 'undefined'],
  ] as const) {
    expect(given({ resume: wrong })).toThrow(
      `${start}require({ resume }).describe is ${shown}. Give a function of the request.`,
    );
  }
  expect(given({ resume: { describe, title: 'Pay' } })).toThrow(
    `${start}require({ resume }).title is "Pay". There is no such option. There is only describe.`,
  );
});

test.each(['confirm', '//evil.example', '/a\\b', '/a/../b', 7])(
  'a redirectTo of %p is refused',
  (redirectTo) => {
    expect(given({ redirectTo })).toThrow(TypeError);
    expect(given({ redirectTo })).toThrow(/require\(\{ redirectTo \}\) is .* Give a path of this/);
  },
);

test('an option that there is not is named, with those that there are', () => {
  expect(given({ method: ['sms'] })).toThrow(
    `${start}require({ method }) is ["sms"]. There is no such option. Did you mean \`methods\`? There are maxAge, methods, redirectTo, resume, transaction.`,
  );
  expect(asked({ resume: true })).toThrow(
    `${start}isVerified({ resume }) is true. There is no such option. There are maxAge, methods.`,
  );
  for (const argument of [null, 300, 'sms']) {
    expect(given(argument)).toThrow(/the argument of require\(\) is .* Give an object, or leave/);
    expect(asked(argument)).toThrow(/the argument of isVerified\(\) is/);
  }
});

test('the door of the package checks them, too', () => {
  const secondFactor = createSecondFactor({
    ...fewestOptions(),
  });
  expect(() => secondFactor.require({ methods: [] })).toThrow(/methods/);
  expect(() => secondFactor.require({ methods: ['email'] })).toThrow(/option email/);
  expect(() => secondFactor.require({ resume: 'yes' as never })).toThrow(/resume/);
});
