import { inspect } from 'node:util';

import { readNumber } from './numbers';

/** A misspelled option would be left out without a word. */
export function refuseUnknown(options: object, names: readonly string[]): void {
  const stranger = Object.keys(options).find((name) => !names.includes(name));
  if (stranger === undefined) return;
  throw new TypeError(
    `createSimulator: there is no option ${inspect(stranger)}. Use ${names.join(', ')}.`,
  );
}

/** The value stays out of the error: it may be a key of a real account. */
export function readKey(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  const shown = value === '' ? inspect(value) : '(hidden)';
  throw wrong(name, 'a string that is not empty', shown, 'Leave it out for a key that works.');
}

/** `from` needs at least one number; another list may be empty. */
export function readNumbers(name: 'from' | 'unregistered', values: readonly unknown[]): string[] {
  if (!Array.isArray(values) || (name === 'from' && values.length === 0)) {
    throw wrong(name, 'a list of numbers', inspect(values), "Write it like ['12065550100'].");
  }
  return values.map((value) => {
    const number = readNumber(value);
    if (number !== undefined) return number;
    throw wrong(
      name,
      'a list of US or Canadian numbers',
      inspect(value),
      "Write them like '12065550100'.",
    );
  });
}

export function readWithin(name: string, value: unknown, most: number): number {
  if (typeof value === 'number' && value >= 0 && value <= most) return value;
  throw wrong(name, `a number from 0 to ${most}`, inspect(value), 'Leave it out for the default.');
}

export function readChoice<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  throw wrong(
    name,
    `one of ${choices.join(', ')}`,
    inspect(value),
    'Leave it out for the default.',
  );
}

export function readFunction<Wanted>(name: string, value: Wanted): Wanted {
  if (typeof value === 'function') return value;
  throw wrong(name, 'a function', inspect(value), 'Leave it out for real time.');
}

function wrong(name: string, wanted: string, shown: string, cure: string): TypeError {
  return new TypeError(`createSimulator: ${name} must be ${wanted}, but is ${shown}. ${cure}`);
}
