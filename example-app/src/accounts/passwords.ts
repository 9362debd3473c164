import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** How much work one password costs; RFC 7914 names the three numbers. */
export interface PasswordCost {
  N: number;
  r: number;
  p: number;
}

/** One of the pairs that the OWASP password storage cheat sheet calls equal; 16 MiB a password. */
const DEFAULT_COST: PasswordCost = { N: 2 ** 14, r: 8, p: 5 };
const KEY_BYTES = 32;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Where `stored` is `undefined`, does the same work and answers `false`. */
  verify(password: string, stored: string | undefined): Promise<boolean>;
}

/** Salted scrypt. A hash carries its cost, so that the cost can be raised without losing anybody. */
export function createPasswords(cost: PasswordCost = DEFAULT_COST): Passwords {
  // For names nobody has: the time of the answer must not tell them from names somebody has.
  const nobody = encode(cost, randomBytes(16), randomBytes(KEY_BYTES));
  return {
    async hash(password) {
      const salt = randomBytes(16);
      return encode(cost, salt, await derive(password, salt, cost));
    },
    async verify(password, stored) {
      const { cost: storedCost, salt, key } = decode(stored ?? nobody);
      const equal = timingSafeEqual(await derive(password, salt, storedCost), key);
      return equal && stored !== undefined;
    },
  };
}

function derive(password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> {
  // Node refuses what needs more than 32 MiB unless told; twice the bare need leaves it room.
  const options: ScryptOptions = { ...cost, maxmem: 256 * cost.N * cost.r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

function encode({ N, r, p }: PasswordCost, salt: Buffer, key: Buffer): string {
  return ['scrypt', N, r, p, salt.toString('base64'), key.toString('base64')].join('$');
}

function decode(stored: string): { cost: PasswordCost; salt: Buffer; key: Buffer } {
  const [, N, r, p, salt = '', key = ''] = stored.split('$');
  return {
    cost: { N: Number(N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  };
}
