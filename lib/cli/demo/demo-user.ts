import type { Challenge } from '../../core/challenge/challenge';
import { malformedDetail, readCode } from '../../core/challenge/code';
import type { Core, Requester } from '../../core/core';
import {
  confirmEnrollment,
  startEnrollment,
  type FactorAccess,
} from '../../core/enrollment/enroll';
import { accountEpoch } from '../../core/mark';
import { refuse, type Outcome } from '../../core/outcomes';

/** One user who has given a password, and has no phone yet. */
export interface DemoUser {
  text(phone: string): Promise<Outcome<{ challenge: Challenge }>>;
  confirm(typed: string): Promise<Outcome<object>>;
}

export function demoUser(core: Core, userId: string): DemoUser {
  const who: Requester = {
    userId,
    user: { id: userId },
    sessionId: core.random(16),
    address: undefined,
    credentialsEpoch: '',
  };
  const epoch = accountEpoch(core.keyring, undefined, '');
  const access: FactorAccess = { enrollment: undefined, epoch, fresh: false };
  const { codeLength } = core.limits;
  return {
    text: (phone) => startEnrollment(core, who, access, { phone: `+${phone}`, country: 'US' }),
    confirm: async (typed) => {
      const code = readCode(typed, codeLength);
      if (code === undefined) {
        return refuse('code_malformed', { detail: malformedDetail(typed, codeLength) });
      }
      return confirmEnrollment(core, who, access, code);
    },
  };
}
