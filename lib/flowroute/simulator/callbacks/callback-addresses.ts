/** What the carrier calls for: inbound texts, inbound pictures, and the receipts of either. */
export const CALLBACK_TYPES = [
  'sms_callback',
  'mms_callback',
  'sms_dlr_callback',
  'mms_dlr_callback',
] as const;
export type CallbackType = (typeof CALLBACK_TYPES)[number];

/** Where callbacks go, of the account and of single numbers (11 digits). */
export class CallbackAddresses {
  readonly #ofAccount = new Map<CallbackType, string>();
  readonly #ofNumbers = new Map<string, string>();

  setForAccount(type: CallbackType, url: string): void {
    this.#ofAccount.set(type, url);
  }

  setForNumber(number: string, type: CallbackType, url: string): void {
    this.#ofNumbers.set(`${number} ${type}`, url);
  }

  ofAccount(type: CallbackType): string | undefined {
    return this.#ofAccount.get(type);
  }

  /** That of the number, else that of the account. */
  find(type: CallbackType, number: string): string | undefined {
    return this.#ofNumbers.get(`${number} ${type}`) ?? this.#ofAccount.get(type);
  }

  clear(): void {
    this.#ofAccount.clear();
    this.#ofNumbers.clear();
  }
}

/**
 * An address that callbacks may be posted to. Names and passwords in it are refused: nothing says
 * that Flowroute would send them.
 */
export function readCallbackUrl(value: unknown): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
  const { protocol, username, password } = new URL(value);
  const usable = /^https?:$/.test(protocol) && username === '' && password === '';
  return usable ? value : undefined;
}
