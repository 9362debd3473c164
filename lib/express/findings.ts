import type { Edge } from './edge';

/** What requests have shown of a wrong set-up, by the code of its warning. */
const found = new WeakMap<Edge, Map<string, string>>();

/** Tells the operator what is wrong and its cure: a process warning, once for each code. */
export function tellOperator(edge: Edge, code: `SMS2FA_${string}`, message: string): void {
  const known = found.get(edge) ?? new Map<string, string>();
  found.set(edge, known);
  if (known.has(code)) return;
  known.set(code, message);
  process.emitWarning(message, { code });
}

/** What was told so far, in the words of the warnings, by their codes. */
export function findingsOf(edge: Edge): ReadonlyMap<string, string> {
  return found.get(edge) ?? new Map();
}
