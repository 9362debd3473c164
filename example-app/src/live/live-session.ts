import { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';

import type { Request, RequestHandler, Response } from 'express';
import type { SecondFactor } from 'passport-sms-2fa';

import type { User } from '../accounts/users';

/** Who is verified on a request that Express never sees; `undefined` for everybody else. */
export type FindVerified = (req: IncomingMessage) => Promise<User | undefined>;

/** Runs the app's own `session` middleware on a raw request, then asks the second factor. */
export function createFindVerified(
  session: RequestHandler[],
  secondFactor: SecondFactor,
): FindVerified {
  return async function findVerified(req) {
    const asked = copyOf(req) as Request;
    const res = new ServerResponse(asked) as Response;
    for (const handler of session) {
      await promisify((done: (error: unknown) => void) => void handler(asked, res, done))();
    }
    return (await secondFactor.isVerified(asked)) ? (asked.user as User | undefined) : undefined;
  };
}

/**
 * A request keeps the session that was loaded for it, also after the session has ended. A socket
 * that is asked again later needs the session as it is then, so each time is a request of its own.
 */
function copyOf({ socket, method, url, headers }: IncomingMessage): IncomingMessage {
  return Object.assign(new IncomingMessage(socket), { method, url, headers });
}
