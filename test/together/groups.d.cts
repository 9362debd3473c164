/** The folder of all tests. */
export const TESTS: string;
/** The test files of each part, by its name. */
export const parts: ReadonlyMap<string, readonly string[]>;
