import type { Express } from 'express';
import type { SecondFactor } from '../../lib';
import type { User } from '../helpers/app';

/** What a slow request waits for, once it has read its session. */
export interface Held {
  enter(): void;
  leave: Promise<void>;
}

/** Routes of the run, behind the gate. */
export function routes(
  app: Express,
  secondFactor: SecondFactor,
  held: () => Held | undefined,
): void {
  app.get('/who', secondFactor.require(), (req, res) => {
    res.json({ user: (req.user as User).id });
  });
  app.post('/slow', async (req, res) => {
    const waiting = held();
    waiting?.enter();
    await waiting?.leave;
    (req.session as unknown as Record<string, unknown>).touched = true;
    res.json({});
  });
}
