import type { Purpose } from './challenge/challenge';
import type { Core, Requester } from './core';
import type { EventFacts } from './events';
import { maskDestination } from './phone-number';

/** What every event says of who, when and where; the phone masked. */
export function eventFacts(
  core: Core,
  who: Requester,
  about: { phone?: string; purpose?: Purpose },
): EventFacts {
  const { phone, purpose } = about;
  return {
    at: core.clock(),
    userId: who.userId,
    ip: who.address,
    ...(phone === undefined ? {} : { phone: maskDestination(phone) }),
    ...(purpose === undefined ? {} : { purpose }),
  };
}
