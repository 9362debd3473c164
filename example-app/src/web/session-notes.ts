import type { Request } from 'express';

interface Notes {
  notice?: string;
}

// Typed here instead of by `declare module`, so that nothing about sessions changes elsewhere.
const notes = (req: Request) => req.session as typeof req.session & Notes;

/** Leaves a line for the next page that this browser opens. */
export function leaveNotice(req: Request, notice: string): void {
  notes(req).notice = notice;
}

export function takeNotice(req: Request): string | undefined {
  const { notice } = notes(req);
  delete notes(req).notice;
  return notice;
}
