import type { Budget } from './budgets';
import { addressBlock } from '../client-address';
import { digest, type Keyring } from '../keyring';
import type { Limits, Rate } from '../limits';
import { numberBlock } from '../phone-number';

/** What the send limits look at. */
export interface SendFacts {
  userId: string;
  /** Left out for texts. */
  channel?: 'email' | undefined;
  /** A number, or on the channel `email` an address. */
  phone: string;
  /** Whether a code texted to this phone came back before. */
  confirmed: boolean;
  address: string | undefined;
}

/**
 * Who is asked whether a text may go out: the one readable list of all send limits.
 *
 * Confirmed and unconfirmed numbers have separate budgets, so a stranger who types your number
 * cannot use up yours. Keys hold fingerprints: no number and no address can be read from them.
 */
export function sendBudgets(limits: Limits, keyring: Keyring, facts: SendFacts): Budget[] {
  const user = digest('user', facts.userId);
  const phone = keyring.fingerprint('phone', facts.phone);
  const address = keyring.fingerprint('address', addressBlock(facts.address));
  const block = keyring.fingerprint('block', numberBlock(facts.phone));
  const budgets = (name: string, subject: string, rates: readonly Rate[]): Budget[] =>
    rates.map(({ count, seconds }) => ({
      name,
      key: `texts:${name}:${seconds}:${subject}`,
      limit: count,
      windowMs: seconds * 1_000,
    }));
  const always = [
    ...budgets('user', user, limits.textsPerUser),
    ...budgets('overall', 'all', limits.overall),
  ];
  return facts.confirmed
    ? [
        ...budgets('phone', phone, limits.textsPerPhone),
        ...budgets('address', address, limits.textsPerAddress),
        ...always,
      ]
    : [
        ...budgets('unconfirmed-phone', phone, limits.unconfirmedPerPhone),
        ...budgets('unconfirmed-address', address, limits.unconfirmedPerAddress),
        ...budgets('unconfirmed-block', block, limits.unconfirmedPerBlock),
        ...always,
      ];
}
