import {
  DEFAULT_LIMITS,
  FLOOR_RANGE,
  PRESETS,
  RANGES,
  RATE_RANGE,
  RESEND_WAIT_RANGE,
  type Floors,
  type Limits,
  type Preset,
  type Rate,
} from '../core/limits';
import { own } from '../core/untrusted';
import { inOption, misuse, refuseUnknown } from '../misuse';

const NAMES = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[];

/**
 * Checks the option `limits` and fills in what it leaves out. Nothing can be switched off, and nothing
 * contradicts a preset.
 */
export function checkLimits(given: unknown, preset?: Preset): Limits {
  if (given === undefined && preset === undefined) return DEFAULT_LIMITS;
  const cure = 'Give an object such as { codeLength: 8 }, or leave it out.';
  if (given !== undefined) refuseUnknown(inOption('limits'), given, NAMES, cure);
  const limits = Object.fromEntries(
    NAMES.map((name) => {
      const value = own(given, name);
      const checked = checkLimit(name, value);
      return [name, preset === undefined ? checked : kept(preset, name, checked, value)];
    }),
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

/** A limit as the preset has it: its own default moves, what the app has set must do. */
function kept(preset: Preset, name: keyof Limits, checked: unknown, given: unknown): unknown {
  const bounds: { most?: number; least?: number } = own(PRESETS[preset], name) ?? {};
  const { most = Infinity, least = -Infinity } = bounds;
  if (typeof checked !== 'number') return checked;
  const fits = Math.max(least, Math.min(most, checked));
  if (fits === checked || given === undefined) return fits;
  const side = checked > most ? `at most ${most}` : `at least ${least}`;
  throw misuse(
    `limits.${name}`,
    given,
    `The preset ${preset} asks for ${side}: give that, or leave it out.`,
  );
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

/** What undoes a preset, whatever its numbers are. */
const CONTRADICTIONS = [
  {
    name: 'enrollment',
    when: (value: unknown) => value === 'optional',
    cure: 'Leave it out: everybody is asked to enroll; a function says whom it lets wait.',
  },
  {
    name: 'trustedDevices',
    when: (value: unknown) => value !== undefined,
    cure: 'Leave it out: a trusted browser passes without the second factor.',
  },
  {
    name: 'testNumbersUntil',
    when: (value: unknown) => value !== undefined,
    cure: 'Leave testNumbers out: a fixed code can be used again.',
  },
] as const;

/** Checks the option `preset`, and what stands beside it and would undo it. */
export function checkPreset(
  given: (name: (typeof CONTRADICTIONS)[number]['name'] | 'preset' | 'email') => unknown,
): Preset | undefined {
  const preset = given('preset');
  if (preset === undefined) return undefined;
  if (preset !== 'pci' && preset !== 'psd2') {
    throw misuse('preset', preset, "Give 'pci' or 'psd2', or leave it out.");
  }
  for (const { name, when, cure } of CONTRADICTIONS) {
    const value = given(name);
    if (when(value)) throw misuse(name, value, `The preset ${preset} forbids it. ${cure}`);
  }
  if (preset === 'psd2' && own(given('email'), 'stepUp') === true) {
    const cure = 'The preset psd2 forbids it: a mailbox is no possession, and confirms no payment.';
    throw misuse('email.stepUp', true, cure);
  }
  return preset;
}
