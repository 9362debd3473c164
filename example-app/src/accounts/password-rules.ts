export type PasswordProblem = 'password_too_short' | 'password_too_long';

const MIN_CHARACTERS = 8;
/** scrypt takes any length; a limit keeps a megabyte of password from being hashed. */
export const MAX_PASSWORD_BYTES = 128;

export const PASSWORD_PROBLEMS: Record<PasswordProblem, { status: number; message: string }> = {
  password_too_short: { status: 422, message: 'Choose a password of at least 8 characters.' },
  password_too_long: { status: 422, message: 'Choose a password of at most 128 bytes.' },
};

export function passwordProblem(password: string): PasswordProblem | undefined {
  if (Array.from(password).length < MIN_CHARACTERS) return 'password_too_short';
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) return 'password_too_long';
  return undefined;
}
