import { maskPhone, parsePhone } from '../../lib/core/phone-number';

const north = new Set(['US', 'CA']);
const parse = (input: unknown, country = 'US', allowed = north) =>
  parsePhone(input, country, allowed);
const invalid = { ok: false, code: 'phone_invalid' };
const refused = { ok: false, code: 'destination_not_allowed' };

test.each([
  '+12065550142',
  '12065550142',
  '2065550142',
  '206-555-0142',
  '206.555.0142',
  '206 555 0142',
  '206/555-0142',
  '(206) 555-0142',
  '(206)555-0142',
  '1 206 555 0142',
  '1-206-555-0142',
  '1 (206) 555-0142',
  '+1 206 555 0142',
  '+1 (206) 555-0142',
  '+1 (206) 555 - 0142',
  '+1-206-555-0142',
  '+1.206.555.0142',
  '+1\u00a0206\u00a0555\u00a00142',
  '+1 2065550142',
  '+1(206)5550142',
  '206  555  0142',
  '011 1 206 555 0142',
])('[S45] %p is one and the same number', (written) => {
  expect(parse(written)).toMatchObject({ ok: true, phone: '+12065550142' });
});

test.each([
  '+1 206 555 0142 ext. 5',
  '+12065550142;ext=1',
  'tel:+12065550142',
  '+1 206 555 0142x5',
  '1-206-FLOWERS',
  '２０６５５５０１４２',
  '+１２０６５５５０１４２',
  '٢٠٦٥٥٥٠١٤٢',
  '+1206555０142',
  '+12065550142\n',
  '+12065550142\r\nBcc: x',
  '+12065550142\t',
  '+1206555\u20100142',
  '+1206555\u200b0142',
  '\u202a+12065550142',
  '+12065550142,+12065550143',
  '+12065550142 or +12065550143',
  '++12065550142',
  '+1+2065550142',
  '+',
  '',
  ' ',
  '-',
  '()',
  '0',
  '1',
  '911',
  '12345',
  '+1206555014',
  '+120655501421',
  '+12065550142'.padEnd(65, ' '),
  '1'.repeat(10_000),
  '+'.repeat(1_000_000),
  '-'.repeat(64),
  '+00000000000',
])('[S113] %.40p is no number', (written) => {
  expect(parse(written)).toEqual(invalid);
});

test.each([undefined, null, 12_065_550_142, true, ['+12065550142'], { phone: 'x' }, Symbol('x')])(
  '[S106] %p is no text, so no number',
  (given) => {
    expect(parse(given)).toEqual(invalid);
  },
);

test.each([
  ['Jamaica', '+18765550100'],
  ['Jamaica, new code', '+16585550100'],
  ['the Bahamas', '+12423591234'],
  ['the Dominican Republic', '+18095550100'],
  ['the Dominican Republic, 829', '+18295550100'],
  ['Trinidad', '+18682911234'],
  ['Barbados', '+12462501234'],
  ['Bermuda', '+14413701234'],
  ['Grenada', '+14734031234'],
  ['Puerto Rico', '+17875550100'],
  ['premium, 900', '+19005550100'],
  ['premium, 976 exchange', '+12069765555'],
  ['premium, 976 as area', '+19765550100'],
  ['toll-free, 800', '+18005550100'],
  ['toll-free, 888', '+18885550100'],
  ['toll-free, 833', '+18335550100'],
  ['the United Kingdom', '+447400123456'],
  ['Sierra Leone', '+23276123456'],
  ['a satellite network', '+881612345678'],
  ['international premium rate', '+979123456789'],
  ['universal freephone', '+80012345678'],
])('[S47] [S48] %s is not texted: %s', (_where, written) => {
  const parsed = parse(written);
  expect(parsed.ok).toBe(false);
  expect(parsed).toEqual(refused);
});

test.each(['+18765550100', '+12425550100', '+19005550100', '+18005550100'])(
  '[S48] %s gets no text, be it a number or not',
  (written) => {
    expect(parse(written).ok).toBe(false);
  },
);

test.each([
  ['+447400123456', 'GB', '+447400123456'],
  ['07400 123456', 'GB', '+447400123456'],
  ['+14165550142', 'US', '+14165550142'],
])('[S47] %s is texted where %s is listed', (written, country, phone) => {
  expect(parse(written, country, new Set(['US', 'CA', 'GB']))).toMatchObject({ ok: true, phone });
});

test('[S47] a US number is refused where only Canada is served, although both begin with +1', () => {
  expect(parse('+12065550142', 'US', new Set(['CA']))).toEqual(refused);
  expect(parse('+14165550142', 'US', new Set(['US']))).toEqual(refused);
});

test('[S48] UK premium and toll-free numbers are refused where the UK is listed', () => {
  const british = new Set(['GB']);
  for (const written of ['+449098790000', '+448001111111']) {
    expect(parse(written, 'GB', british)).toEqual(refused);
  }
});

test('[S111] a million characters are refused at once', () => {
  const start = process.hrtime.bigint();
  for (const one of ['+', '1', '(', ' ', '-'])
    expect(parse(one.repeat(1_000_000))).toEqual(invalid);
  expect(Number(process.hrtime.bigint() - start) / 1e6).toBeLessThan(200);
});

test('[S127] a mask shows two digits and is as long for every number', () => {
  expect(maskPhone('+12065550142')).toBe('••• ••• ••42');
  expect(maskPhone('+447400123456')).toBe('••• ••• ••56');
  expect(maskPhone('+4512345678')).toHaveLength(maskPhone('+12065550142').length);
});
