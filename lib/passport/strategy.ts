import type { IncomingMessage } from 'node:http';
import { Strategy } from 'passport-strategy';
import { refuse, type Refusal } from '../core/outcomes';
import { SecondFactorError } from '../errors';
import { field, guardedPost } from '../express/post';
import type { Edge } from '../express/edge';
import { type HttpRequest, languageOf } from '../express/http';
import { cleanPath } from '../express/interrupted';
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
    if (Object.isFrozen(options) && options.session !== false) {
      const cure = 'Give it an object that is not frozen, or one with session: false.';
      const message = `The options of passport.authenticate('sms-2fa') are frozen. ${cure}`;
      this.error(new SecondFactorError('misconfigured', message));
      return;
    }
    this.attempt(req).then(
      (refusal) => {
        if (refusal === undefined) {
          cleanPath(req);
          this.succeed(req, options);
          return;
        }
        const problem = problemOf(refusal, languageOf(this.edge, req));
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

  /**
   * The session is rotated already, with the app's data kept. Passport must not rotate it again: the
   * mark would die with the id it was made for. The options are those of the route, and of the
   * strategies beside this one in a list: Passport has read them when `success` returns.
   */
  private succeed(req: HttpRequest, options: AuthenticateOptions): void {
    const before = Object.getOwnPropertyDescriptor(options, 'session');
    if (options.session !== false) options.session = false;
    try {
      this.success(req.user);
    } finally {
      if (before !== undefined) Object.defineProperty(options, 'session', before);
      else if (!Object.isFrozen(options)) delete options.session;
    }
  }

  private async attempt(req: HttpRequest): Promise<Refusal | undefined> {
    if (req.method !== 'POST') return refuse('method_not_allowed');
    const answer = await guardedPost(this.edge, req, (who) =>
      passFactor(this.edge, req, who, field(req, 'code')),
    );
    return answer.ok ? undefined : answer;
  }
}
