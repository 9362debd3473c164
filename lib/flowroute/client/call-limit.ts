/** One limit over a whole call to a carrier, headers and body. */
export interface CallLimit {
  signal: AbortSignal;
  /** What ended the call early, if anything did. */
  endedBy(): 'time' | 'caller' | undefined;
  /** Must run when the call is over, however it ended. */
  release(): void;
}

/**
 * Ends a call after `timeoutMs` milliseconds or when the caller gives up, whichever is first.
 *
 * Not `AbortSignal.any` with `AbortSignal.timeout`: that timer does not keep the process alive, and
 * Node 20 may collect the combined signal before it fires.
 */
export function startCallLimit(timeoutMs: number, caller?: AbortSignal): CallLimit {
  const controller = new AbortController();
  let ended: 'time' | 'caller' | undefined;
  const end = (by: 'time' | 'caller') => {
    ended ??= by;
    controller.abort();
  };
  const onCaller = () => end('caller');
  const timer = setTimeout(() => end('time'), timeoutMs);
  caller?.addEventListener('abort', onCaller, { once: true });
  return {
    signal: controller.signal,
    endedBy: () => ended,
    release: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', onCaller);
    },
  };
}
