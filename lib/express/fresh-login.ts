import { timeLimit } from '../time-limit';
import type { Edge } from './edge';
import type { HttpRequest } from './http';

/** How long the app may take to say when the user signed in, in milliseconds. */
const TIME_LIMIT = 1_500;

/** Whether the user signed in recently enough, where the app asks for that (ASVS 7.5.1). */
export async function signedInFreshly(
  { settings, core }: Edge,
  req: HttpRequest,
): Promise<boolean> {
  const { freshLogin } = settings;
  if (freshLogin === undefined) return true;
  const at: unknown = await timeLimit(freshLogin.signedInAt(req), TIME_LIMIT);
  const age = core.clock() - Number(at ?? NaN);
  return age >= 0 && age <= freshLogin.seconds * 1_000;
}
