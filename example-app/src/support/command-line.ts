import { parseArgs } from 'node:util';

export const ACTIONS = ['status', 'unlock', 'reset', 'revoke'] as const;

export type Action = (typeof ACTIONS)[number];

export interface SupportCommand {
  action: Action;
  username: string;
  /** Who does it; in the notice to the user and in the events. */
  operator: string;
}

export const HELP = `Usage: npm run --silent admin -w example-app -- <action> <username> --operator "<your name>"

  status   says whether the user has a phone, and whether codes are locked
  unlock   ends a lock after wrong codes, of either kind; the phone stays
  reset    removes the phone and every lock, so that the user can add a phone anew
  revoke   ends all sessions, remembered logins and trusted devices; the password and phone stay

--operator is who does it: the user is mailed the name. Only status goes without.
Settings come from the environment, and must be the server's own (.env.example lists them).
Exit code: 0 done, 1 not done, 2 not understood.`;

/** The command line was not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What is asked for; `undefined` where it is the help. */
export function readCommand(args: string[]): SupportCommand | undefined {
  const { values, positionals } = parsed(args);
  if (values.help) return undefined;
  const [action, username, ...more] = positionals;
  const known = ACTIONS.find((each) => each === action);
  if (!known) throw new UsageError(`The action must be one of ${ACTIONS.join(', ')}.`);
  if (!username || more.length > 0) throw new UsageError('Name one user, by the username.');
  const operator = values.operator?.trim() ?? '';
  if (operator === '' && known !== 'status') {
    throw new UsageError('Say who you are: --operator "<your name>".');
  }
  // eslint-disable-next-line no-control-regex -- the name goes into logs and mails
  if (operator.length > 80 || /[\u0000-\u001f\u007f]/.test(operator)) {
    throw new UsageError('--operator must be a name of at most 80 characters on one line.');
  }
  return { action: known, username, operator };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { operator: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
