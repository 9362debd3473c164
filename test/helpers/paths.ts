/** Where the router stands in the apps of the tests, and in the example bank. */
export const MOUNT = '/second-factor';

/** The paths of the router. */
export const ROUTER = {
  home: `${MOUNT}/`,
  challenge: `${MOUNT}/challenge`,
  verify: `${MOUNT}/verify`,
  enrollment: `${MOUNT}/enrollment`,
  confirm: `${MOUNT}/enrollment/verify`,
  remove: `${MOUNT}/enrollment/delete`,
  recovery: `${MOUNT}/recovery`,
  recoveryCodes: `${MOUNT}/recovery-codes`,
  kept: `${MOUNT}/recovery-codes/kept`,
  devices: `${MOUNT}/devices`,
  resume: `${MOUNT}/resume`,
} as const;

/** The test app's own paths: the strategy, and the middleware that sends. */
export const OWN = { verify: '/own/verify', challenge: '/own/challenge' } as const;

/** Paths that no route of the test app has; `enforce()` lets a test's own routes be reached there. */
export const FREE = { verify: '/free/verify', challenge: '/free/challenge' } as const;
