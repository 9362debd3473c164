import type { Request } from 'express';

/** A transfer that waits while its sender enters a fresh code. */
export interface TransferDraft {
  to: string;
  amount: string;
}

interface Notes {
  notice?: string;
  draft?: TransferDraft;
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

export function keepDraft(req: Request, draft: TransferDraft): void {
  notes(req).draft = draft;
}

export function takeDraft(req: Request): TransferDraft | undefined {
  const { draft } = notes(req);
  delete notes(req).draft;
  return draft;
}
