import { misuse } from '../misuse';
import { own } from './own';

/** Refuses a user id that would silently name nobody, such as a number. */
export function checkUserId(verb: string, userId: unknown, call = `admin.${verb}('42')`): void {
  if (typeof userId === 'string' && userId !== '') return;
  throw misuse(`the user id of admin.${verb}()`, userId, `Give a text: ${call}.`);
}

/** Who does it; a call without a user or a name changes nothing. */
export function operatorOf(verb: string, userId: unknown, action: unknown): string {
  const call = `admin.${verb}('42', { operator: 'Jo' })`;
  checkUserId(verb, userId, call);
  const operator = own(action, 'operator');
  if (typeof operator === 'string' && operator !== '') return operator;
  throw misuse(`the operator of admin.${verb}()`, operator, `Say who does it: ${call}.`);
}
