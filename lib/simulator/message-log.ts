import { randomBytes } from 'node:crypto';
import { readCallbackUrl } from './callback-posts';

/** A generation of the messaging API. */
export type ApiVersion = 'v2' | 'v2.1' | 'v2.2';
export const API_VERSIONS: readonly ApiVersion[] = ['v2', 'v2.1', 'v2.2'];

/** One text, to a phone (outbound) or from it (inbound). */
export interface SimulatedMessage {
  id: string;
  direction: 'outbound' | 'inbound';
  /** 11 digits, as the carrier keeps them. */
  to: string;
  from: string;
  /** `null` where a person sent nothing but a picture. */
  body: string | null;
  mms: boolean;
  /** Where its pictures lie. */
  media: readonly string[];
  /** Milliseconds since the epoch. */
  at: number;
  /** `accepted` where the carrier took it and no phone ever got it. */
  status: 'accepted' | 'delivered';
  /** Where its receipts go, if the sender named an address with the text. */
  dlrCallback?: string | undefined;
  /** What the carrier tells of it, in order, also what is still to come. Inbound texts have none. */
  receipts: readonly Receipt[];
}

/** Older ones are forgotten, so that a simulator may run for weeks. */
const KEPT = 1_000;

/** The texts of a simulator, or its mails, in memory. */
export class Log<T extends { id: string }> {
  readonly #changed: () => void;
  #kept: T[] = [];

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  add(one: T): T {
    this.#kept.unshift(one);
    this.#kept.length = Math.min(this.#kept.length, KEPT);
    this.#changed();
    return one;
  }

  find(id: string): T | undefined {
    return this.#kept.find((each) => each.id === id);
  }

  /** Newest first. */
  all(): readonly T[] {
    return this.#kept;
  }

  clear(): void {
    this.#kept = [];
    this.#changed();
  }
}

/** A fresh id in the form of the API version: `mdr1-` or `mdr2-` and 32 hexadecimal digits. */
export function newMessageId(version: ApiVersion): string {
  return `${version === 'v2' ? 'mdr1' : 'mdr2'}-${randomBytes(16).toString('hex')}`;
}

/** One step that the carrier tells of a text. */
export interface Receipt {
  /** 1 on the way to the carrier of the phone, 2 from there on. */
  level: 1 | 2;
  status: string;
  code: number | null;
  description: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** A picture that a person sends where nobody says which. */
export const SOME_PICTURE = 'https://media.example/picture.png';

/** Whether a text is to go out as an MMS: clients write the flag as a boolean and as a string. */
export function asksForMms({ media_urls, is_mms }: Record<string, unknown>): boolean {
  return (
    (Array.isArray(media_urls) && media_urls.length > 0) || is_mms === true || is_mms === 'true'
  );
}

/** Addresses of pictures; `undefined` where they are malformed, none where there are none. */
export function readMediaUrls(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const urls = value.map(readCallbackUrl);
  return urls.every((url) => url !== undefined) ? urls : undefined;
}

const MMS_FLAGS: readonly unknown[] = [true, false, 'true', 'false'];

/** Whether `is_mms` has one of the values that were seen. */
export function isMmsFlag(value: unknown): boolean {
  return value === undefined || MMS_FLAGS.includes(value);
}
