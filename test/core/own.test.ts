import { own } from '../../lib/core/own';

test('[S108] a property of the value itself is read', () => {
  expect(own({ code: '1' }, 'code')).toBe('1');
  expect(own({ code: undefined }, 'code')).toBeUndefined();
  expect(own(['a'], '0')).toBe('a');
  expect(own(Object.assign(Object.create(null), { code: '1' }), 'code')).toBe('1');
  expect(own(JSON.parse('{"__proto__": 1}'), '__proto__')).toBe(1);
});

test.each([undefined, null, 'text', 7, true, Symbol('x'), () => 1])(
  '[S108] %p has none',
  (value) => {
    expect(own(value, 'length')).toBeUndefined();
  },
);

test('[S108] what a prototype has is not read', () => {
  for (const key of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
    expect(own({}, key)).toBeUndefined();
  }
  expect(own(Object.create({ code: '1' }), 'code')).toBeUndefined();
  class WithGetter {
    get code(): string {
      return ['1'].join();
    }
  }
  expect(own(new WithGetter(), 'code')).toBeUndefined();
});

test('[S108] a value that says it has every property is not believed', () => {
  expect(own({ hasOwnProperty: () => true }, 'code')).toBeUndefined();
});
