import { refuse } from '../../core/outcomes';
import { nothingToResume, resumePage, sentPage } from '../../pages/resume-page';
import { accountNow } from '../account';
import { wantsPage } from '../http';
import { keptPostOf, sentDetail, whatBecame, withFormId } from '../kept-post';
import { changeState, stateOf } from '../session-state';
import { frameOf } from '../show-page';
import type { Handler } from './exchange';

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
