interface Facts {
  code?: string;
  reason?: string | undefined;
  error?: unknown;
}

/**
 * Tells the operator of what is broken and of what nobody listens to, once for each event: users are
 * told no more than to try again, and else nobody would ever learn why.
 */
export function unheard(): (name: string, facts: object) => void {
  const told = new Set<string>();
  return (name, facts) => {
    const says = told.has(name) ? undefined : brokenWords(name, facts);
    if (says === undefined) return;
    told.add(name);
    process.emitWarning(
      `passport-sms-2fa: ${says} Nobody listens to the event ${name}, so this is said only once; secondFactor.on('${name}', console.error) says it each time, and why.`,
      { code: 'SMS2FA_UNHEARD' },
    );
  };
}

/** Without the words of a database or a carrier, which may hold what no log should have. */
function brokenWords(name: string, { code, reason, error }: Facts): string | undefined {
  if (name === 'store_failed') {
    const words = error instanceof Error ? error.message : '';
    const [call] = /^[a-zA-Z]+\.[a-zA-Z]+(?= failed)/.exec(words) ?? [];
    return `A store failed, and the gate stayed shut${call === undefined ? '' : `: ${call}`}.`;
  }
  if (name !== 'send_refused') return undefined;
  if (error !== undefined) return 'A text was not sent: beforeSend failed.';
  // What the user has to mend is no fault.
  if (code !== 'delivery_failed' || reason === 'to_rejected') return undefined;
  return `A text could not be sent${reason === undefined ? '' : `: ${reason}`}.`;
}
