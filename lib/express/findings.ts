import type { Edge } from './edge';

/** What is wrong, and its cure: a sentence each, or more. */
interface Told {
  says: string;
  cure: string;
}

/** What requests have shown of a wrong set-up, by the code of its warning. */
const found = new WeakMap<Edge, Map<string, Told>>();
/** Those whose requests have come this far. */
const asked = new WeakSet<Edge>();

/** Tells the operator what is wrong and its cure: a process warning, once for each code. */
export function tellOperator(
  edge: Edge,
  code: `SMS2FA_${string}`,
  says: string,
  cure: string,
): void {
  const known = found.get(edge) ?? new Map<string, Told>();
  found.set(edge, known);
  if (known.has(code)) return;
  known.set(code, { says, cure });
  process.emitWarning(`${says} ${cure}`, { code });
}

/** What was told so far, by the codes of the warnings. */
export function findingsOf(edge: Edge): ReadonlyMap<string, Told> {
  return found.get(edge) ?? new Map();
}

/** Notes that a request has come, and lets what waits for the first one begin. */
export function noteRequest(edge: Edge): void {
  if (asked.has(edge)) return;
  asked.add(edge);
  edge.atFirstRequest?.();
}

export function hasSeenRequest(edge: Edge): boolean {
  return asked.has(edge);
}
