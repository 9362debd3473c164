/** In milliseconds, as the clock and all windows of counts are. The limits that an app sets are seconds. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
