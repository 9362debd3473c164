/** The time, in milliseconds since the epoch. `Date.now` is one; tests hand in their own. */
export type Clock = () => number;

/**
 * Milliseconds that only go forward: for what is measured within this process. A machine whose clock
 * is set back must not make a wait of 30 s last an hour, nor hide a revocation for as long.
 */
export const steadyClock: Clock = () => performance.now();
