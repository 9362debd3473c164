import type { SecondFactor } from 'passport-sms-2fa';

const EVENTS = [
  'sent',
  'send_refused',
  'verified',
  'failed',
  'locked',
  'disabled',
  'enrolled',
  'recovery_used',
  'reported',
  'device_copied',
  'texts_used_up',
  'conversion_low',
  'budget_alert',
  'store_failed',
] as const;

/** Counts the second factor's events; the answer is Prometheus' text exposition format. */
export function countEvents(secondFactor: SecondFactor): () => string {
  const counts = new Map<string, number>(EVENTS.map((event) => [event, 0]));
  for (const event of EVENTS) {
    secondFactor.on(event, () => counts.set(event, (counts.get(event) ?? 0) + 1));
  }
  return function exposition() {
    const name = 'bank_second_factor_events_total';
    return [
      `# HELP ${name} What happened around the second factor since this process started.`,
      `# TYPE ${name} counter`,
      ...Array.from(counts, ([event, count]) => `${name}{event="${event}"} ${count}`),
      '',
    ].join('\n');
  };
}
