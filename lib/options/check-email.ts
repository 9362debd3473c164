import { own } from '../core/own';
import { misuse } from '../misuse';
import { checkPort, inOption, refuseUnknown } from './check-values';

/** The option `email`. */
export function checkEmail(given: unknown): unknown {
  if (given === undefined) return undefined;
  const cure = 'Give { sender, address: (user) => user.email }, or leave it out.';
  refuseUnknown(inOption('email'), given, ['sender', 'address'], cure);
  const sender = checkPort(
    'email.sender',
    own(given, 'sender'),
    ['send'],
    'Give emailSender({ transport, from }).',
  );
  const address = own(given, 'address');
  if (typeof address !== 'function') {
    throw misuse('email.address', address, 'Give a function, such as (user) => user.email.');
  }
  return Object.freeze({ sender, address });
}
