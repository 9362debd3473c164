import type { IncomingMessage } from 'node:http';
import { Strategy } from 'passport-strategy';
import { refuse, type Refusal } from '../core/outcomes';
import { field } from '../express/body';
import type { Edge } from '../express/edge';
import type { HttpRequest } from '../express/http';
import { cleanPath } from '../express/interrupted';
import { guardedPost } from '../express/post';
import { problemOf } from '../express/problems';
import { reportBroken } from '../express/respond';
import { passFactor } from '../express/verified-session';

/** The options of `passport.authenticate` that the strategy turns. */
interface AuthenticateOptions {
  session?: boolean;
}

/**
 * The Passport strategy `sms-2fa`: verifies the field `code` of a POST by a user who is signed in
 * already, by the same road as the router. On failure `info` is the problem document, with a
 * `message` for Passport's `failureMessage` and `failureFlash`.
 */
export class SmsSecondFactorStrategy extends Strategy {
  readonly name = 'sms-2fa';

  constructor(private readonly edge: Edge) {
    super();
  }

  override authenticate(request: IncomingMessage, options: AuthenticateOptions = {}): void {
    const req = request as HttpRequest;
    // The session is rotated here, with the app's data kept. Passport must not rotate it again: the
    // mark would die with the id it was made for. A constant, because a route's requests share it.
    options.session = false;
    this.attempt(req).then(
      (refusal) => {
        if (refusal === undefined) {
          cleanPath(req);
          this.success(req.user);
          return;
        }
        const problem = problemOf(refusal);
        // With a message Passport writes the session; strangers must not be able to fill the store.
        const said =
          (req.user ?? false) === false ? problem : { ...problem, message: problem.detail };
        this.fail(said, problem.status);
      },
      (error: unknown) => {
        reportBroken(this.edge, req, error);
        this.error(error instanceof Error ? error : new Error('the second factor failed'));
      },
    );
  }

  private async attempt(req: HttpRequest): Promise<Refusal | undefined> {
    if (req.method !== 'POST') return refuse('method_not_allowed', { allow: 'POST' });
    const answer = await guardedPost(this.edge, req, (who) =>
      passFactor(this.edge, req, who, field(req, 'code')),
    );
    return answer.ok ? undefined : answer;
  }
}
