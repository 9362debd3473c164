import { readCallbackUrl } from './callback-posts';

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
