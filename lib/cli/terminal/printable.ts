import { maskPhone } from '../../core/phone-number';

/** Words of others without what could steer a terminal or forge a line. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
}

/** A number as it may be seen; '-' where there is none. */
export function shownNumber(number: string | undefined, whole: boolean): string {
  if (number === undefined) return '-';
  return whole ? `+${number.replace(/^\+/, '')}` : maskPhone(number);
}

/** An address without its last part, where a secret stands, and without its query. */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return '(not an address)';
  const { origin, pathname } = new URL(address);
  return printable(`${origin}${pathname.replace(/[^/]+\/*$/, '…')}`);
}
