import { refuse } from '../../core/outcomes';
import { factorPurpose } from '../../core/purpose';
import { sendToFactor, type SentCode } from '../../core/send/send-code';
import { accountNow, mayBeMailed, type Account } from '../account';
import { wantsPage } from '../http';
import { takePath } from '../interrupted';
import { field, hasFields } from '../body';
import { challengeDocument, pendingState, statusAfterSend, statusDocument } from '../status';
import { passByDevice } from '../trusted-device';
import { passFactor } from '../verified-session';
import { duePage } from './due-page';
import type { Exchange, Handler, Reply } from './exchange';

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
export const showChallenge: Handler = async ({ edge, req, who }) => {
  if (wantsPage(req)) return { ok: true, status: 200, location: `${edge.settings.mountPath}/` };
  const account = await accountNow(edge, req, who);
  const { challenge, followed } = await pendingState(edge.core, who, account);
  if (challenge === undefined) return refuse('challenge_expired');
  return { ok: true, status: 200, document: challengeDocument(edge.core, challenge, followed) };
};

/** `POST /challenge`: texts a code to the enrolled phone. */
export const startChallenge: Handler = async (exchange) => {
  const { edge, req, who } = exchange;
  const account = await accountNow(edge, req, who);
  const channel = field(req, 'channel') ?? 'sms';
  if (channel !== 'sms' && channel !== 'email') {
    return refuse('request_malformed', { detail: { say: 'detail.channelUnknown' } });
  }
  const purpose = factorPurpose(account.mark);
  if (channel === 'email' && !mayBeMailed(edge.settings, purpose)) {
    return refuse('channel_not_available');
  }
  const sent = await sendToFactor(
    edge.core,
    who,
    account,
    purpose,
    channel === 'email' ? channel : undefined,
  );
  return sent.ok ? accepted(exchange, account, sent) : sent;
};

/** `POST /verify`: checks the code of a sign-in or a step-up. */
export const verify: Handler = async ({ edge, req, who }) => {
  if (!hasFields(req)) return refuse('request_malformed');
  const passed = await passFactor(edge, req, who, field(req, 'code'));
  if (!passed.ok) return passed;
  const returnTo = takePath(req) ?? edge.settings.homePath;
  return { ok: true, status: 200, document: { verified: true, returnTo }, location: returnTo };
};

/** 202 with the status document: a code is on its way. */
export async function accepted(
  { edge, req, who }: Exchange,
  account: Account,
  sent: SentCode,
): Promise<Reply> {
  const document = await statusAfterSend(edge, req, who, account, sent);
  return { ok: true, status: 202, document };
}
