const PATIENCE_MS = 5_000;

/** Ends a request of the doctor's own: at Ctrl-C, and after a while. */
export function limited(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
}

/** Why there was no answer. Only the code: messages may hold the address, and it a secret. */
export function probeFailure(error: unknown): string {
  const { name, cause } = error as Error;
  if (name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1_000} s`;
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code ?? 'no code';
}
