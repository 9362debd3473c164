import { createHmac } from 'node:crypto';
import { refuse, type Detail, type Outcome } from '../outcomes';
import { bare, LONGEST_TYPED, notText, numberWithin } from '../typed';
import { equalInConstantTime } from '../untrusted';

/** What a code is bound to: one challenge of one user, for one purpose, on one phone. */
export interface CodeBinding {
  id: string;
  userId: string;
  purpose: string;
  phone: string;
  /** The words of the one transaction that it confirms, where there is one. */
  transaction?: string;
}

/**
 * Derives the code of a challenge: HMAC-SHA-256 over the binding, its first 64 bits modulo
 * 10^digits, zero-padded. Nothing about it is stored; whoever reads the store cannot compute it
 * (NIST SP 800-63B-4 §3.1.3.2, ASVS 6.5.2). The bias of the modulo is below 2^-30 at ten digits.
 */
export function deriveCode(key: Buffer, binding: CodeBinding, digits: number): string {
  const { id, userId, purpose, phone, transaction } = binding;
  const parts = [id, userId, purpose, phone, ...(transaction === undefined ? [] : [transaction])];
  const value = boundBytes(key, parts).readBigUInt64BE(0);
  return (value % 10n ** BigInt(digits)).toString().padStart(digits, '0');
}

/** What only the key can make of these parts: HMAC-SHA-256. */
export function boundBytes(key: Buffer, parts: readonly string[]): Buffer {
  const bytes = Buffer.alloc(parts.reduce((sum, part) => sum + 4 + Buffer.byteLength(part), 0));
  let end = 0;
  // Each part goes in behind its length: no two bindings can run together into the same bytes.
  for (const part of parts) {
    const length = bytes.write(part, end + 4);
    end = bytes.writeUInt32BE(length, end) + length;
  }
  return createHmac('sha256', key).update(bytes).digest();
}

/**
 * Reads a code as a person types or pastes it, in groups or not, also with the whole text around it.
 * Anything else than exactly `digits` digits is not a code, nor is anything that is not a string (a JSON number would have lost its leading
 * zeros).
 */
export function readCode(input: unknown, digits: number): string | undefined {
  const code = bare(input);
  if (code?.length === digits && /^[0-9]+$/.test(code)) return code;
  return numberWithin(input, digits);
}

/** The same, with a refusal that says what is wrong with an input that is no code. */
export function typedCode(input: unknown, digits: number): Outcome<{ code: string }> {
  const code = readCode(input, digits);
  if (code !== undefined) return { ok: true, code };
  return refuse('code_malformed', { detail: malformedDetail(input, digits) });
}

/** What is wrong with an input that is no code, for the person who typed it. */
export function malformedDetail(input: unknown, digits: number): Detail {
  const kind = notText(input, 'code', '0123456789'.slice(0, digits));
  if (kind !== undefined) return kind;
  const typed = bare(typeof input === 'string' ? input.slice(0, LONGEST_TYPED) : '') ?? '';
  if (typed === '') return { say: 'detail.codeMissing', digits };
  if (!/^[0-9]+$/.test(typed)) return { say: 'detail.codeNotDigits', digits };
  const say = typed.length < digits ? 'detail.codeTooShort' : 'detail.codeTooLong';
  return { say, digits };
}

/** The only place where a texted or mailed code is compared. */
export function codesMatch(expected: string, given: string): boolean {
  return equalInConstantTime(expected, given);
}

/** The name of a challenge among the counts of its session, which has few of them. */
export function countName(challengeId: string): string {
  return challengeId.slice(0, 12);
}
