import { Router, type Request, type Response } from 'express';
import type { FormDescription, SecondFactor } from 'passport-sms-2fa';

import { accountPage, type TransferDraft } from '../pages/account-page';
import { settingsPage } from '../pages/pages';
import type { Accounts, TransferProblem } from '../accounts/accounts';
import { sendJson, sendPage, sendRefusal, wantsJson } from './answers';
import { formatAmount, formatDollars, parseAmount } from '../accounts/money';
import { amountField, readBody, textField } from './request-body';
import { sameOrigin } from './same-origin';
import { leaveNotice, takeNotice } from './session-notes';
import { signedInUser } from '../sign-in/sign-in';
import { normalizeUsername, type User, type Users } from '../accounts/users';

export interface BankRoutes {
  accounts: Accounts;
  users: Pick<Users, 'emailOf'>;
  secondFactor: SecondFactor;
  /** Money went from one of these users to the other. */
  moved: (userIds: string[]) => void;
}

/** Money moves only within five minutes of a code. */
const TRANSFER_MAX_AGE_SECONDS = 300;
const HISTORY_LINES = 20;
const NOT_DONE = "What you started before you entered the code wasn't done.";

const PROBLEMS: Record<TransferProblem, string> = {
  recipient_unknown: 'No one here has this username.',
  recipient_self: "You can't send money to yourself.",
  insufficient_funds: "You don't have enough money in your account.",
};

/** What only a person with both factors sees. */
export function bankRoutes({ accounts, users, secondFactor, moved }: BankRoutes) {
  const router = Router();

  router.get('/account', secondFactor.require(), async (req, res) => {
    const { interrupted, recoveryCodesAcknowledged } = await secondFactor.status(req);
    const notice = takeNotice(req) ?? (interrupted && NOT_DONE);
    const codesWait = recoveryCodesAcknowledged === false;
    sendPage(res, accountPage({ ...overview(signedInUser(req)), notice, codesWait }));
  });

  router.get('/settings', secondFactor.require(), (req, res) => {
    const { id, username } = signedInUser(req);
    sendPage(res, settingsPage(username, users.emailOf(id)));
  });

  router.get('/api/account', secondFactor.require(), async (req, res) => {
    const { username, balance, history } = overview(signedInUser(req));
    sendJson(res, {
      username,
      balance: formatAmount(balance),
      transfers: history.map(({ cents, at, ...line }) => ({
        ...line,
        amount: formatAmount(cents),
        at: new Date(at).toISOString(),
      })),
      secondFactor: await secondFactor.status(req),
    });
  });

  router.post(
    '/transfer',
    sameOrigin,
    readBody,
    // A transfer that has to wait for a fresh code is kept, and sent again when its sender says so.
    secondFactor.require({ maxAge: TRANSFER_MAX_AGE_SECONDS, resume: { describe } }),
    (req: Request, res: Response) => {
      const user = signedInUser(req);
      const draft = readDraft(req);
      const refuse = (status: number, error: string, message: string) =>
        sendRefusal(req, res, { status, error, message }, (problem) =>
          accountPage({ ...overview(user), draft, problem }),
        );
      const cents = parseAmount(draft.amount);
      if (!draft.to || !draft.amount) {
        refuse(400, 'request_malformed', 'Enter a username and an amount.');
      } else if (cents === undefined) {
        refuse(422, 'amount_invalid', 'Enter an amount such as 25 or 25.50.');
      } else {
        const transfer = accounts.transfer(user.id, draft.to, cents);
        if ('problem' in transfer) {
          refuse(422, transfer.problem, PROBLEMS[transfer.problem]);
          return;
        }
        moved([user.id, transfer.toId]);
        finish(req, res, { ...transfer, to: draft.to, cents });
      }
    },
  );

  function overview(user: User) {
    const history = accounts.history(user.id, HISTORY_LINES);
    return { username: user.username, balance: accounts.balance(user.id), history };
  }

  return router;
}

function finish(
  req: Request,
  res: Response,
  done: { id: number; balance: number; to: string; cents: number },
): void {
  if (wantsJson(req)) {
    const { id, to } = done;
    const transfer = { id, to, amount: formatAmount(done.cents) };
    sendJson(res, { transfer, balance: formatAmount(done.balance) });
    return;
  }
  leaveNotice(req, `${formatDollars(done.cents)} went to ${done.to}.`);
  res.redirect(303, '/account');
}

/** What is asked after the code: the transfer as it will be made. */
function describe(req: Request): FormDescription {
  const { to, amount } = readDraft(req);
  const cents = parseAmount(amount);
  return {
    title: 'Send money',
    lines: [
      ['To', to],
      ['Amount', cents === undefined ? amount : formatDollars(cents)],
    ],
  };
}

function readDraft(req: Request): TransferDraft {
  return {
    to: normalizeUsername(textField(req, 'to') ?? ''),
    amount: (amountField(req, 'amount') ?? '').trim(),
  };
}
