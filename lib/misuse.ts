/** Reports a wrong option at start: which one, what was given, and the cure. */
export function misuse(option: string, given: unknown, cure: string): TypeError {
  return new TypeError(`passport-sms-2fa: ${option} is ${shown(given)}. ${cure}`);
}

function shown(given: unknown): string {
  if (typeof given === 'string') return JSON.stringify(given.slice(0, 80));
  if (typeof given === 'function') return 'a function';
  if (Array.isArray(given)) return `[${given.map(shown).join(', ')}]`;
  if (typeof given === 'object' && given !== null) return 'an object';
  return String(given);
}
