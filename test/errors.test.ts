import { inspect } from 'node:util';
import { SecondFactorError } from '../lib';

test('an error that Node prints has no members that say nothing', () => {
  const plain = new SecondFactorError('misconfigured', 'Set appName.');
  expect(inspect(plain)).not.toContain('undefined');
  expect(plain.reason).toBeUndefined();
  const told = new SecondFactorError('delivery_failed', 'No.', {
    reason: 'rate_limited',
    carrier: { says: 'Slow down, +12065550142' },
  });
  expect(inspect(told)).toContain("reason: 'rate_limited'");
  expect(inspect(told)).not.toContain('2065550142');
});
