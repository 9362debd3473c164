import type { SecondFactor } from 'passport-sms-2fa';

/**
 * Logs what the operator alone can mend and no user says: a store or a carrier that fails, texts that
 * cost more than they should. A line each; no code, and of a number its last two digits.
 */
export function logTrouble(secondFactor: SecondFactor, log: (line: string) => void): void {
  secondFactor.on('store_failed', ({ error }) => {
    log(`The second factor cannot reach what it keeps, so its gate is shut: ${inWords(error)}`);
  });
  secondFactor.on('send_refused', ({ code, reason, phone = 'a phone' }) => {
    if (code !== 'delivery_failed') return;
    log(`The carrier did not take a text to ${phone}: ${reason ?? 'unknown_outcome'}`);
  });
  secondFactor.on('conversion_low', ({ budget, country, limit, step }) => {
    log(
      `Codes to new numbers are not entered in ${country}: step "${step}" of ${budget} (${limit})`,
    );
  });
  secondFactor.on('budget_alert', ({ budget, count, limit }) => {
    log(`${count} of ${limit} texts are sent of the budget ${budget}`);
  });
}

function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
