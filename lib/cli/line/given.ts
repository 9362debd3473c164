import { UsageError } from '../failures';

export type GivenValues = Readonly<
  Record<string, string | boolean | (string | boolean)[] | undefined>
>;

/** What was written on the command line. */
export class Given {
  constructor(
    readonly values: GivenValues,
    readonly positionals: readonly string[],
  ) {}

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** A whole number in a range; `undefined` where it was not given. */
  whole(name: string, least: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return readWhole(`--${name}`, text, least, most);
  }
}

export function readWhole(name: string, text: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}.`);
}
