/** Reports a wrong option at start: which one, what was given, and the cure. */
export function misuse(option: string, given: unknown, cure: string): TypeError {
  return new TypeError(`passport-sms-2fa: ${option} is ${shown(given)}. ${cure}`);
}

/** The same for a value that no log may show: its kind and length are said instead. */
export function hiddenMisuse(option: string, given: unknown, cure: string): TypeError {
  return new TypeError(`passport-sms-2fa: ${option} is ${hidden(given)}. ${cure}`);
}

function shown(given: unknown): string {
  if (typeof given === 'string') return JSON.stringify(given.slice(0, 80));
  if (typeof given === 'function') return 'a function';
  if (Array.isArray(given)) return `[${given.map(shown).join(', ')}]`;
  if (typeof given === 'object' && given !== null) return 'an object';
  return String(given);
}

function hidden(given: unknown): string {
  if (given === undefined || given === null) return String(given);
  if (typeof given === 'string') return `(hidden, ${given.length} characters)`;
  if (typeof given === 'object') return `(hidden, ${Object.keys(given).length} entries)`;
  return `(hidden, a ${typeof given})`;
}
