/** The time, in milliseconds since the epoch. `Date.now` is one; tests hand in their own. */
export type Clock = () => number;
