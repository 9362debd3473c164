import { dropChallenge, pendingChallenge } from '../../core/challenge/challenge';
import { factorPurpose, type RefusalCode, refuse } from '../../core/outcomes';
import { sendToFactor, type SentCode } from '../../core/send/send-code';
import { nothingToResume, resumePage, sentPage } from '../../pages/resume-page';
import { type Account, accountNow, mayBeMailed } from '../account';
import { field, hasFields } from '../post';
import type { Edge } from '../edge';
import { type HttpRequest, wantsPage } from '../http';
import { REMEMBERED, RETURN_TO, takePath, wantsChange } from '../interrupted';
import { forgetKeptPost, keptPostOf, sentDetail, whatBecame, withFormId } from '../kept-post';
import { changeState, sessionOf, stateOf } from '../session-state';
import { frameOf } from '../show-page';
import { forgetTransaction } from '../transactions';
import { challengeDocument, pendingState, statusAfterSend, statusDocument } from '../status';
import { passByDevice } from '../trusted-device';
import { passFactor } from '../verified-session';
import { duePage } from './due-page';
import { type Exchange, type Handler, isStepUpDue, type Reply, type Success } from './exchange';

/** `GET /`: the status document, or the page that is due. */
export const showStatus: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  const account = await accountNow(edge, req, who);
  const passed = await passByDevice(edge, req, who, account);
  if (wantsPage(req) && passed.mark !== account.mark) {
    return { ok: true, status: 200, location: takePath(req) ?? edge.settings.homePath };
  }
  if (wantsPage(req)) return { ok: true, status: 200, page: await duePage(exchange, passed) };
  return { ok: true, status: 200, document: await statusDocument(edge, req, who, passed) };
};

/** `GET /challenge`: the pending challenge, to be polled for delivery. Browsers see it at `/`. */
export const showChallenge: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  if (wantsPage(req)) return showDue(exchange);
  const account = await accountNow(edge, req, who);
  const { challenge, followed } = await pendingState(edge.core, who, account);
  if (challenge === undefined) return refuse('challenge_expired');
  return { ok: true, status: 200, document: challengeDocument(edge.core, challenge, followed) };
};

/** `POST /challenge`: texts a code to the enrolled phone. */
export const startChallenge: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  const now = edge.core.clock();
  const account = await accountNow(edge, req, who);
  const channel = field(req, 'channel') ?? 'sms';
  if (channel !== 'sms' && channel !== 'email') {
    return refuse('request_malformed', { detail: { say: 'detail.channelUnknown' } });
  }
  const purpose = factorPurpose(account.mark);
  if (channel === 'email' && !mayBeMailed(edge.settings, purpose)) {
    return refuse('channel_not_available');
  }
  // A page that is shown for a step-up stays one when its code is over.
  const due = purpose === 'step-up' && !isStepUpDue(req, now) ? { stepUpSince: now } : {};
  const isPage = wantsPage(req);
  const noteAsked = (): void => {
    if (isPage) changeState(req, { askedAt: now, ...due });
  };
  // Of a page the session is written at the end.
  if (!isPage) edge.sessions.touch(who.sessionId, sessionOf(req));
  const way = channel === 'email' ? channel : undefined;
  const sent = await sendToFactor(edge.core, who, account, purpose, way).catch((error: unknown) => {
    // Nobody knows whether it went out: the wait is of this session all the same.
    noteAsked();
    throw error;
  });
  if (!sent.ok) return sent;
  noteAsked();
  const isAgain = sent.challenge.sends > 1;
  const notice = channel === 'email' ? 'notice.emailedAgain' : 'notice.textedAgain';
  return { ...(await accepted(exchange, account, sent)), ...(isAgain && { notice }) };
};

/** `DELETE /challenge`: ends a step-up without it. The user goes back, and what was kept is not done. */
export const cancelChallenge: Handler = async ({ edge, req, who }) => {
  const { mark } = await accountNow(edge, req, who);
  // A sign-in has no way back but to sign out.
  if (mark === undefined) return refuse('second_factor_required');
  await dropChallenge(edge.core, who, 'step-up');
  const manage = `${edge.settings.mountPath}/`;
  const isOwn = wantsChange(req, edge.settings);
  takePath(req);
  forgetKeptPost(req);
  forgetTransaction(req);
  changeState(req, { stepUpSince: undefined });
  // What the gate asked this for would ask for it again; so would a question of the library's.
  return { ok: true, status: 204, location: isOwn ? manage : edge.settings.homePath };
};

/** `POST /verify`: checks the code of a sign-in or a step-up. */
export const verify: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  if (!hasFields(req)) return refuse('request_malformed');
  const passed = await passFactor(edge, req, who, field(req, 'code'));
  if (!passed.ok) return (await alreadyIn(exchange, passed.code)) ?? passed;
  const returnTo = takeWayOn(edge, req);
  return { ok: true, status: 200, document: { verified: true, returnTo }, location: returnTo };
};

/** Where the user goes with a code that was right; a tab that still asks for one comes after them. */
export function takeWayOn({ core, settings }: Edge, req: HttpRequest): string {
  const path = RETURN_TO in sessionOf(req) ? takePath(req) : undefined;
  if (path === undefined) return settings.homePath;
  changeState(req, { wentTo: { path, at: core.clock() } });
  const [page] = path.split('?', 1);
  if (page === `${settings.mountPath}/`) changeState(req, { notice: 'notice.confirmed' });
  return path;
}

/** There was nothing to check the code against. */
const NOTHING_ASKED = new Set<RefusalCode>(['challenge_expired', 'code_malformed']);

/**
 * A browser's tab asks for a code that was passed in another one. Nothing is checked and nothing changes:
 * its session is verified, and nothing asks for more.
 */
export async function alreadyIn(
  exchange: Exchange,
  refused: RefusalCode,
): Promise<Reply | undefined> {
  const { req } = exchange;
  if (!wantsPage(req) || !NOTHING_ASKED.has(refused)) return undefined;
  const location = await wayOn(exchange);
  return location === undefined ? undefined : { ok: true, status: 200, location };
}

/** Where a verified session goes on of which nothing is asked; `undefined` where something is. */
async function wayOn({ edge, req, who }: Exchange): Promise<string | undefined> {
  const { core, settings } = edge;
  const now = core.clock();
  const { enrollment, mark } = await accountNow(edge, req, who);
  if (mark === undefined || enrollment === undefined || isStepUpDue(req, now)) return undefined;
  if ((await pendingChallenge(core, who, 'step-up')) !== undefined) return undefined;
  const { wentTo } = stateOf(req);
  const isNew = wentTo !== undefined && now - wentTo.at < REMEMBERED;
  return takePath(req) ?? (isNew ? wentTo.path : settings.homePath);
}

/** `GET` by a browser of a path that only a form posts to: what is due, or where the user was going. */
export const showDue: Handler = async (exchange) => {
  const way = await wayOn(exchange);
  return { ok: true, status: 200, location: way ?? `${exchange.edge.settings.mountPath}/` };
};

/** 202 with the status document: a code is on its way. */
export async function accepted(
  { edge, req, who }: Exchange,
  account: Account,
  sent: SentCode,
): Promise<Success> {
  const document = await statusAfterSend(edge, req, who, account, sent);
  return { ok: true, status: 202, document };
}

/** `GET /resume`: offers to send a form again that the gate held up, or says what became of it. */
export const showResume: Handler = async ({ edge, req, who }) => {
  const account = await accountNow(edge, req, who);
  if (account.mark === undefined) {
    // Such as a tab that was restored: the page that is due asks for the factor.
    if (wantsPage(req)) return { ok: true, status: 200, location: `${edge.settings.mountPath}/` };
    return refuse('second_factor_required');
  }
  const { keptPost, sentPost } = stateOf(req);
  const post = await keptPostOf(edge, req, who, account);
  const sent = sentPost?.userId === who.userId ? sentPost : undefined;
  const id = post?.id ?? sent?.id;
  // Asked of the counter, not of the session: an old copy of it may have come back.
  const became = id === undefined ? undefined : await whatBecame(edge.core, id);
  const frame = frameOf(edge, req);
  if (post !== undefined && became === undefined) {
    const { path, fields, words } = post;
    if (!wantsPage(req)) return { ok: true, status: 200, document: { method: 'POST', path } };
    const page = resumePage(frame, { path, fields, words, action: withFormId(post) });
    return { ok: true, status: 200, page };
  }
  if (id !== undefined) {
    const done = became === 'done';
    if (wantsPage(req))
      return { ok: true, status: 200, page: sentPage(frame, { done, status: 200 }) };
    return refuse('not_found', { detail: sentDetail(done) });
  }
  changeState(req, { keptPost: undefined });
  const isLost = keptPost?.userId === who.userId;
  if (wantsPage(req)) {
    return { ok: true, status: 404, page: nothingToResume(frame, isLost) };
  }
  return refuse('not_found', { detail: { say: isLost ? 'detail.formLost' : 'detail.formNone' } });
};
