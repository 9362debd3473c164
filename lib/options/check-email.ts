import { own } from '../core/own';
import { misuse } from '../misuse';
import { checkPort } from './check-values';

/** The option `email`. */
export function checkEmail(given: unknown): unknown {
  if (given === undefined) return undefined;
  const address = own(given, 'address');
  if (typeof address !== 'function' || Object.keys(given as object).length !== 2) {
    throw misuse(
      'email',
      given,
      'Give { sender, address: (user) => user.email }, or leave it out.',
    );
  }
  const cure = 'Give emailSender({ transport, from }).';
  const sender = checkPort('email.sender', own(given, 'sender'), ['send'], cure);
  return Object.freeze({ sender, address });
}
