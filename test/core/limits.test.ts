import {
  DEFAULT_LIMITS,
  FLOOR_RANGE,
  RANGES,
  RATE_RANGE,
  RESEND_WAIT_RANGE,
} from '../../lib/core/limits';

test('the defaults are those of the documentation', () => {
  expect(DEFAULT_LIMITS).toEqual({
    codeLength: 6,
    challengeLifetime: 300,
    guessesPerChallenge: 5,
    lockAfter: 10,
    lockEvery: 5,
    lockDuration: 900,
    hardStop: 100,
    resendWait: [30, 60, 120, 300],
    waitAfterSuccess: 10,
    textsPerPhone: [
      { count: 5, seconds: 600 },
      { count: 10, seconds: 86_400 },
    ],
    textsPerUser: [{ count: 10, seconds: 86_400 }],
    textsPerAddress: [{ count: 100, seconds: 600 }],
    unconfirmedPerPhone: [{ count: 5, seconds: 86_400 }],
    phonesPerUser: [{ count: 3, seconds: 86_400 }],
    unconfirmedPerAddress: [
      { count: 10, seconds: 3_600 },
      { count: 50, seconds: 86_400 },
    ],
    unconfirmedPerBlock: [{ count: 20, seconds: 3_600 }],
    sentPerUser: [
      { count: 10, seconds: 3_600 },
      { count: 30, seconds: 86_400 },
    ],
    sentPerPhone: [
      { count: 10, seconds: 3_600 },
      { count: 30, seconds: 86_400 },
    ],
    sentPerAddress: [{ count: 200, seconds: 3_600 }],
    helpAnswers: [{ count: 100, seconds: 86_400 }],
    hookCallsPerUser: [{ count: 20, seconds: 86_400 }],
    hookCallsPerAddress: [{ count: 200, seconds: 3_600 }],
    conversionPerCountry: { hour: 100, day: 300 },
    conversionPerBlock: { hour: 20, day: 40 },
    malformedPerAddress: [{ count: 50, seconds: 600 }],
    recoveryPerSession: [{ count: 10, seconds: 60 }],
    recoveryPerAddress: [{ count: 60, seconds: 60 }],
    overall: [],
    factorChangeMaxAge: 600,
    verifiedSession: 86_400,
    verifiedIdle: 86_400,
    carrierCall: 5,
  });
});

test('what may be turned keeps within its bounds', () => {
  expect(RANGES).toEqual({
    codeLength: [6, 10],
    challengeLifetime: [60, 600],
    guessesPerChallenge: [1, 10],
    lockAfter: [3, 100],
    lockEvery: [1, 100],
    lockDuration: [900, 86_400],
    hardStop: [3, 100],
    waitAfterSuccess: [1, 3_600],
    factorChangeMaxAge: [1, 1_200],
    verifiedSession: [60, 86_400],
    verifiedIdle: [60, 86_400],
    carrierCall: [1, 30],
  });
  expect([...RESEND_WAIT_RANGE]).toEqual([15, 3_600]);
  expect([...FLOOR_RANGE]).toEqual([1, 1_000_000]);
  expect(RATE_RANGE).toEqual({ count: [1, 1_000_000_000], seconds: [1, 2_678_400] });
});
