/** Whole cents; no amount is ever a fraction. */
export type Cents = number;

/**
 * `'12.5'` → 1250. Digits with at most two decimals and more than zero; anything else gives
 * `undefined`. The text is taken apart and never multiplied as a fraction: `0.29 * 100` is not 29.
 */
export function parseAmount(text: string): Cents | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!match) return undefined;
  const cents = Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
  return cents > 0 ? cents : undefined;
}

/** 125050 → `'1250.50'`: for JSON, and what `parseAmount` reads. */
export function formatAmount(cents: Cents): string {
  return `${Math.trunc(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

/** 125050 → `'$1,250.50'`: for people. */
export function formatDollars(cents: Cents): string {
  return `$${formatAmount(cents).replace(/\B(?=(\d{3})+\.)/g, ',')}`;
}
