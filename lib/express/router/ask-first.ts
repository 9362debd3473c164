import { liveDevices, publicDevice } from '../../core/devices/trusted-devices';
import { recoveryCodesLeft } from '../../core/enroll/recovery-codes';
import { refuse, type Outcome } from '../../core/outcomes';
import { enrollmentDue } from '../../core/enrollment';
import { confirmPage } from '../../pages/manage-page';
import type { PageModel } from '../../pages/models';
import { accountNow, factorAccess, type Account, signedInFreshly } from '../account';
import { field } from '../post';
import { wantsPage } from '../http';
import { isBegunHere, rememberPath } from '../interrupted';
import { changeState, saveSession } from '../session-state';
import { frameOf } from '../show-page';
import { forgetTransaction } from '../transactions';
import type { Exchange, Handler } from './exchange';

type Asked = Outcome<{ page: PageModel }>;

/** What a browser is asked once more before it is done. */
interface Question {
  /** Of the page that asks, below `mountPath`. */
  path: (exchange: Exchange) => string;
  /** The page, or why nothing would be done. */
  ask: (exchange: Exchange, account: Account) => Promise<Asked>;
  /** Whether anything is lost by it at all; else it is done at once. */
  loses?: (exchange: Exchange, account: Account) => boolean;
}

/**
 * The form of a browser comes here twice: the first time it is led to a page that says what is lost, and
 * only the form there says `confirm` [S205]. Whoever needs a fresh factor for it passes that before they
 * are asked, and comes back to the question. For API clients nothing is different.
 */
export function askingFirst({ path, ask, loses }: Question, handler: Handler): Handler {
  return async (exchange) => {
    const { edge, req, who } = exchange;
    if (!wantsPage(req)) return handler(exchange);
    const page = edge.settings.mountPath + path(exchange);
    const account = await accountNow(edge, req, who);
    if (field(req, 'confirm') === 'yes' || loses?.(exchange, account) === false) {
      const reply = await handler(exchange);
      return reply.ok ? reply : { ...reply, backTo: page };
    }
    const asked = await ask(exchange, account);
    if (!asked.ok) return { ...asked, backTo: page };
    return { ok: true, status: 200, location: page };
  };
}

/** `GET`: the page that asks. Where there is nothing to ask the page that is due says more. */
export function asking({ path, ask }: Question): Handler {
  return async (exchange) => {
    const { edge, req, who } = exchange;
    const reply = await ask(exchange, await accountNow(edge, req, who));
    if (reply.ok) return { ok: true, status: 200, page: reply.page };
    // Another site must not begin a step-up, nor choose what comes after one [S184], [S185].
    if (reply.code === 'fresh_second_factor_required' && isBegunHere(edge.settings, req)) {
      rememberPath(req, edge.settings.mountPath + path(exchange));
      forgetTransaction(req);
      const { code } = reply;
      changeState(req, { problem: { code }, stepUpSince: edge.core.clock() });
      await saveSession(req);
    }
    return { ok: true, status: 200, location: `${edge.settings.mountPath}/` };
  };
}

/** `/enrollment/delete`: turns the second factor off. */
export const TURN_OFF: Question = {
  path: () => '/enrollment/delete',
  ask: async ({ edge, req, who }, account) => {
    const { enrollment, epoch } = account;
    if (enrollment === undefined) return refuse('enrollment_required');
    if (!(await signedInFreshly(edge, req))) return refuse('fresh_login_required');
    if (!factorAccess(edge, account).fresh) return refuse('fresh_second_factor_required');
    const { core } = edge;
    const due = await enrollmentDue(edge.settings.enrollment, who.user, core.clock());
    const frame = frameOf(edge, req);
    const { say } = frame.words;
    const codes = recoveryCodesLeft(core, enrollment);
    const browsers = liveDevices(enrollment, epoch, core.clock()).length;
    const page = confirmPage(frame, {
      path: '/enrollment/delete',
      title: say('confirm.off'),
      sentences: [
        say(frame.byPassword ? 'confirm.offPassword' : 'manage.offMeansNoCode'),
        ...(codes > 0 ? [say('confirm.offCodes', { count: codes })] : []),
        ...(browsers > 0 ? [say('confirm.offBrowsers', { count: browsers })] : []),
        ...(due.required ? [say('confirm.offRequired')] : []),
      ],
      button: say('manage.turnOff'),
    });
    return { ok: true, page };
  },
};

/** `/recovery-codes/new`: new recovery codes, which take the place of those that are left. */
export const NEW_CODES: Question = {
  path: () => '/recovery-codes/new',
  loses: ({ edge }, { enrollment }) =>
    enrollment !== undefined && recoveryCodesLeft(edge.core, enrollment) > 0,
  // eslint-disable-next-line @typescript-eslint/require-await -- the others look things up
  ask: async ({ edge, req }, account) => {
    const { enrollment } = account;
    if (enrollment === undefined) return refuse('enrollment_required');
    if (!factorAccess(edge, account).fresh) return refuse('fresh_second_factor_required');
    const frame = frameOf(edge, req);
    const { say } = frame.words;
    const count = recoveryCodesLeft(edge.core, enrollment);
    const page = confirmPage(frame, {
      path: '/recovery-codes',
      title: say('confirm.codes'),
      sentences: count > 0 ? [say('confirm.codesLeft', { count })] : [say('manage.recoveryWhy')],
      button: say('manage.recoveryNew'),
    });
    return { ok: true, page };
  },
};

/** `/devices/:id/delete`: ends the trust in one browser. */
export const ONE_BROWSER: Question = browsers(({ req }) => req.params?.id ?? '');

/** `/devices/delete`: in all of them. */
export const ALL_BROWSERS: Question = browsers(() => undefined);

function browsers(idOf: (exchange: Exchange) => string | undefined): Question {
  const path = (exchange: Exchange): string => {
    const id = idOf(exchange);
    return id === undefined ? '/devices/delete' : `/devices/${encodeURIComponent(id)}/delete`;
  };
  return {
    path,
    // eslint-disable-next-line @typescript-eslint/require-await -- the others look things up
    ask: async (exchange, { enrollment, epoch, mark }) => {
      const { edge, req } = exchange;
      if (mark === undefined) return refuse('second_factor_required');
      if (mark.amr.length === 0) return refuse('fresh_second_factor_required');
      const devices = liveDevices(enrollment ?? {}, epoch, edge.core.clock()).map(publicDevice);
      const id = idOf(exchange);
      const one = devices.find((device) => device.id === id);
      if (id === undefined ? devices.length === 0 : one === undefined) {
        return refuse('not_found', { detail: { say: 'detail.browserUnknown' } });
      }
      const frame = frameOf(edge, req);
      const { say } = frame.words;
      const page = confirmPage(frame, {
        path: path(exchange),
        title:
          one === undefined
            ? say('confirm.browsers', { count: devices.length })
            : say('confirm.browser', { name: one.name }),
        sentences: [say(one === undefined ? 'confirm.browsersCode' : 'confirm.browserCode')],
        button: say(one === undefined ? 'manage.revokeAll' : 'manage.revoke'),
      });
      return { ok: true, page };
    },
  };
}
