import { parse } from 'bowser';

const LONGEST_HEADER = 512;
const LONGEST_NAME = 60;

/** A browser in words, such as `Firefox on Linux`, for the list of trusted devices and for mails. */
export function deviceName(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent === '') return 'Unknown browser';
  const { browser, os } = parse(userAgent.slice(0, LONGEST_HEADER));
  const name = plain(browser.name) ?? 'Unknown browser';
  const system = plain(os.name);
  return (system === undefined ? name : `${name} on ${system}`).slice(0, LONGEST_NAME);
}

/** The header is the client's: only plain words of it may reach a page or a mail, and no dots: they make links. */
function plain(word: string | undefined): string | undefined {
  return word !== undefined && /^[A-Za-z0-9 _-]+$/.test(word) ? word : undefined;
}
