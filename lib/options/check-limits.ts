import {
  DEFAULT_LIMITS,
  FLOOR_RANGE,
  RANGES,
  RATE_RANGE,
  RESEND_WAIT_RANGE,
  type Floors,
  type Limits,
  type Rate,
} from '../core/limits';
import { own } from '../core/untrusted';
import { inOption, misuse, refuseUnknown } from '../misuse';

const NAMES = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];

/** Checks the option `limits` and fills in what it leaves out. Nothing can be switched off. */
export function checkLimits(given: unknown): Limits {
  if (given === undefined) return DEFAULT_LIMITS;
  const cure = 'Give an object such as { codeLength: 8 }, or leave it out.';
  refuseUnknown(inOption('limits'), given, NAMES, cure);
  const limits = Object.fromEntries(
    NAMES.map((name) => [name, checkLimit(name, own(given, name))]),
  ) as unknown as Limits;
  if (limits.hardStop < limits.lockAfter) {
    throw misuse(
      'limits.hardStop',
      limits.hardStop,
      `Make it at least limits.lockAfter (${limits.lockAfter}).`,
    );
  }
  return Object.freeze(limits);
}

function checkLimit(name: keyof Limits, given: unknown): unknown {
  if (given === undefined) return DEFAULT_LIMITS[name];
  const option = `limits.${name}`;
  if (Object.hasOwn(RANGES, name))
    return checkNumber(option, given, RANGES[name as keyof typeof RANGES]);
  if (name === 'conversionPerCountry' || name === 'conversionPerBlock') {
    return checkFloors(option, given);
  }
  if (!Array.isArray(given)) {
    throw misuse(
      option,
      given,
      `Give a list, as the default: ${JSON.stringify(DEFAULT_LIMITS[name])}.`,
    );
  }
  if (given.length === 0 && name !== 'overall') {
    throw misuse(option, given, 'A limit cannot be switched off; give at least one entry.');
  }
  return Object.freeze(
    given.map((entry: unknown, index) =>
      name === 'resendWait'
        ? checkNumber(`${option}[${index}]`, entry, RESEND_WAIT_RANGE)
        : checkRate(`${option}[${index}]`, entry),
    ),
  );
}

function checkFloors(option: string, given: unknown): Floors {
  refuseUnknown(inOption(option), given, ['hour', 'day'], 'Give { hour, day }.');
  return Object.freeze({
    hour: checkNumber(`${option}.hour`, own(given, 'hour'), FLOOR_RANGE),
    day: checkNumber(`${option}.day`, own(given, 'day'), FLOOR_RANGE),
  });
}

function checkRate(option: string, given: unknown): Rate {
  refuseUnknown(inOption(option), given, ['count', 'seconds'], 'Give { count, seconds }.');
  return Object.freeze({
    count: checkNumber(`${option}.count`, own(given, 'count'), RATE_RANGE.count),
    seconds: checkNumber(`${option}.seconds`, own(given, 'seconds'), RATE_RANGE.seconds),
  });
}

function checkNumber(
  option: string,
  given: unknown,
  [least, most]: readonly [number, number],
): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= most) {
    return given;
  }
  throw misuse(option, given, `Give a whole number from ${least} to ${most}.`);
}
