import { refuse } from '../../core/outcomes';
import { resumePage } from '../../pages/resume-page';
import { accountNow } from '../account';
import { wantsPage } from '../http';
import { keptPostOf } from '../interrupted';
import { changeState } from '../session-state';
import { frameOf, type Handler } from './exchange';

/** `GET /resume`: offers to send a form again that the gate held up. */
export const showResume: Handler = async ({ edge, req, who }) => {
  const { mark } = await accountNow(edge, req, who);
  if (mark === undefined) return refuse('second_factor_required');
  const post = keptPostOf(req, who.userId, edge.core.clock());
  if (post === undefined) {
    changeState(req, { keptPost: undefined });
    return refuse('not_found', { detail: 'Nothing waits to be sent. Go back and send it again.' });
  }
  const { path, fields } = post;
  if (!wantsPage(req)) return { ok: true, status: 200, document: { method: 'POST', path } };
  return { ok: true, status: 200, page: resumePage({ ...frameOf(edge, req), path, fields }) };
};
