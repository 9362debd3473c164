/**
 * Reads a property that the value itself has. What stands on `Object.prototype` (put there by a
 * prototype pollution elsewhere in the app) must never act as an option, a mark or a field.
 */
export function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
