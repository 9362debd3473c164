import type { Admin, AdminStatus } from 'passport-sms-2fa';

import type { CredentialsEpochs } from '../accounts/credentials-epoch';
import type { Users } from '../accounts/users';
import type { SupportCommand } from './command-line';

export interface SupportDesk {
  admin: Admin;
  users: Users;
  epochs: CredentialsEpochs;
  /** Whether counts are kept where this process sees them, too. */
  sharesCounts: boolean;
}

export interface Outcome {
  done: boolean;
  lines: string[];
}

const LOCKS_ELSEWHERE =
  'REDIS_URL is not set: locks and counts live inside the running server, and cannot be seen or lifted from here.';

/** Does what an operator asks for, and says what it did. */
export async function runCommand(desk: SupportDesk, command: SupportCommand): Promise<Outcome> {
  const { admin, users, epochs, sharesCounts } = desk;
  const { action, operator } = command;
  const user = users.findByName(command.username);
  if (!user) return { done: false, lines: [`There is no user ${command.username}.`] };
  const { id, username } = user;
  const elsewhere = sharesCounts ? [] : [LOCKS_ELSEWHERE];
  switch (action) {
    case 'status':
      return {
        done: true,
        lines: [...statusLines(username, await admin.status(id)), ...elsewhere],
      };
    case 'unlock':
      if (!sharesCounts) return { done: false, lines: elsewhere };
      await admin.unlock(id, { operator });
      return { done: true, lines: [`${username}: codes are taken again.`] };
    case 'reset':
      await admin.reset(id, { operator });
      return { done: true, lines: [`${username}: the phone is removed.`, ...elsewhere] };
    case 'revoke':
      epochs.raise(id);
      await admin.revoke(id, { operator });
      return {
        done: true,
        lines: [`${username}: all sessions, remembered logins and trusted devices are ended.`],
      };
  }
}

/** Only what was asked for and known: a line a fact. */
function statusLines(username: string, status: AdminStatus): string[] {
  const { enrolled, phone, confirmedAt, lockedUntil, disabled } = status;
  const facts: Record<string, string | number | undefined> = {
    user: username,
    enrolled: enrolled ? 'yes' : 'no',
    phone,
    'confirmed at': confirmedAt,
    'locked until': lockedUntil,
    disabled: disabled ? 'yes' : 'no',
    'recovery codes left': status.recoveryCodesLeft,
    'trusted devices': status.devices.length,
  };
  return Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value ?? ''}`);
}
