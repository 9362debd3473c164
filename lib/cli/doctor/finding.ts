/** What one check found. Only `wrong` makes the command fail. */
export interface Finding {
  check:
    | 'settings'
    | 'carrier'
    | 'credentials'
    | 'from'
    | 'texting'
    | 'callbacks'
    | 'reach'
    | 'clock'
    | 'text';
  state: 'ok' | 'wrong' | 'unknown';
  says: string;
  /** What to do about it. */
  cure?: string;
}

type Say = (check: Finding['check'], says: string, cure?: string) => Finding;

const finding =
  (state: Finding['state']): Say =>
  (check, says, cure) => ({ check, state, says, ...(cure === undefined ? {} : { cure }) });

export const ok = finding('ok');
export const wrong = finding('wrong');
export const unknown = finding('unknown');
