import type { Budget } from './budgets';
import type { Core } from '../core';
import { digest } from '../keyring';
import type { SendFacts } from './send-policy';

/**
 * How many different unconfirmed numbers a user may try: a number counts once a window, however
 * many texts go to it. The user's own resend wait keeps two sends of one user from racing here.
 */
export async function newPhoneBudgets(core: Core, facts: SendFacts): Promise<Budget[]> {
  if (facts.confirmed) return [];
  const user = digest('user', facts.userId);
  const budgets = await Promise.all(
    core.limits.phonesPerUser.map(async ({ count, seconds }) => {
      if ((await core.counter.peek(triedKey(core, facts, seconds))) !== undefined) return [];
      const key = `phones:${seconds}:${user}`;
      return [{ name: 'phones', key, limit: count, windowMs: seconds * 1_000 }];
    }),
  );
  return budgets.flat();
}

/** The number has been tried: it takes no further place within the window. */
export async function rememberTriedPhone(core: Core, facts: SendFacts): Promise<void> {
  if (facts.confirmed) return;
  await Promise.all(
    core.limits.phonesPerUser.map(({ seconds }) =>
      core.counter.add(triedKey(core, facts, seconds), seconds * 1_000),
    ),
  );
}

function triedKey(core: Core, facts: SendFacts, seconds: number): string {
  const phone = core.keyring.fingerprint('phone', facts.phone);
  return `tried:${seconds}:${digest('user', facts.userId)}:${phone}`;
}
