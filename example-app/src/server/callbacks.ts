import type { FlowrouteClient } from 'passport-sms-2fa';

import { LOOPBACK } from './carrier';

/**
 * Where the carrier reaches the bank: the simulator on this machine, the real one at PUBLIC_URL.
 * `undefined` where it cannot.
 */
export function callbackBase(
  publicUrl: URL | undefined,
  simulatedPort: number | undefined,
): string | undefined {
  return simulatedPort === undefined ? publicUrl?.origin : `http://${LOOPBACK}:${simulatedPort}`;
}

/**
 * Tells the carrier where answers (STOP, NO) and delivery receipts go. Codes arrive without either,
 * so the bank does not wait for it, and goes on where it fails.
 */
export async function setCallbacks(
  client: Pick<FlowrouteClient, 'setCallback'>,
  base: string | undefined,
  path: string,
  warn: (problem: string) => void,
): Promise<void> {
  if (base === undefined) {
    warn('PUBLIC_URL is not set, so Flowroute cannot report deliveries or answers such as NO.');
    return;
  }
  for (const kind of ['sms', 'sms_dlr'] as const) {
    try {
      await client.setCallback(kind, base + path);
    } catch (error) {
      warn(`The callback ${kind} could not be set at Flowroute: ${(error as Error).message}`);
    }
  }
}
