/** The folder of all tests. */
export const TESTS: string;
/** About how long a file of these takes, by its path. */
export function secondsOf(path: string): number;
/** The test files of each part, by its name. */
export const parts: ReadonlyMap<string, readonly string[]>;
