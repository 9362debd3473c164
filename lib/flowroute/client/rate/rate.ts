/** What Flowroute takes: 5 attempts in a second from one access key at one endpoint. */
export const PLACES = 5;

/**
 * How long a place rests after its answer came, in milliseconds: a second, and a little for timers
 * that go off early.
 */
export const REST = 1_010;
