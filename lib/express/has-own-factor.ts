import type { Requester } from '../core/core';
import { storeCall } from '../store-call';
import type { Edge } from './edge';

/** Whether the user has a second factor of the app's own. An app that cannot say shuts the gate. */
export async function hasOwnFactor({ settings }: Edge, who: Requester): Promise<boolean> {
  const answer = await storeCall('hasOwnFactor', () => settings.hasOwnFactor(who.user));
  // Anything but a plain "no" counts as "yes": the careful side.
  return answer !== false;
}
