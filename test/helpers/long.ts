/** `LONG_TESTS=1`: more of what the suite does a few times only, and what it never does. */
export const LONG = process.env.LONG_TESTS !== undefined;
