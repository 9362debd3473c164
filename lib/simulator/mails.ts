import { randomUUID } from 'node:crypto';
import express, { type Router } from 'express';
import { fieldsOf, onlyMethods, plainBody, sendCarrierError } from './carrier-http';
import type { Log } from './message-log';
import type { SimulatorSettings } from './simulator-options';

/** One mail to a person. */
export interface SimulatedMail {
  id: string;
  to: string;
  subject: string;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
}

/** What the paths of mails need of a simulator. */
interface Mailboxes {
  mails: Log<SimulatedMail>;
  settings: SimulatorSettings;
}

/** One address and nothing else: no name, no list, no line break that could begin a header. */
const ADDRESS = /^[^\s@<>()[\],;:"\\]{1,64}@(?=.{1,253}$)[a-z\d-]+(?:\.[a-z\d-]+)*$/i;
// eslint-disable-next-line no-control-regex -- a subject is a header: these would end it
const SUBJECT = /^[^\u0000-\u001f\u007f]{1,200}$/;
const LONGEST_TEXT = 10_000;

/**
 * `POST /mails {to, subject, text}` puts a mail into the mailbox of `to`, `GET /mails?to=` shows
 * mails, newest first, and `DELETE /mails` forgets them. The carrier has no such paths: they are
 * for apps that send mails beside texts.
 */
export function mailsRouter({ mails, settings }: Mailboxes): Router {
  const router = express.Router();
  router.post('/', plainBody, (req, res) => {
    const { to, subject, text } = fieldsOf(req.body);
    if (!matches(to, ADDRESS)) {
      sendCarrierError(res, 422, 'to must be one mail address.');
    } else if (!matches(subject, SUBJECT)) {
      sendCarrierError(res, 422, 'subject must be one line of 1 to 200 characters.');
    } else if (typeof text !== 'string' || text === '' || text.length > LONGEST_TEXT) {
      sendCarrierError(res, 422, `text must be a string of 1 to ${LONGEST_TEXT} characters.`);
    } else {
      const mail = { id: randomUUID(), to, subject, text, at: settings.clock() };
      res.status(201).json(show(mails.add(mail)));
    }
  });
  router.get('/', (req, res) => {
    res.json({ mails: mailsTo(mails.all(), req.query.to).map(show) });
  });
  router.delete('/', (_req, res) => {
    mails.clear();
    res.status(204).end();
  });
  router.all('/', onlyMethods('GET', 'POST', 'DELETE'));
  return router;
}

/** The mails of one mailbox, or of all where no address is asked for; newest first. */
export function mailsTo(mails: readonly SimulatedMail[], address: unknown) {
  if (address === undefined || address === '') return mails;
  const wanted = typeof address === 'string' ? address.toLowerCase() : undefined;
  return mails.filter(({ to }) => to.toLowerCase() === wanted);
}

function matches(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

function show({ at, ...mail }: SimulatedMail): object {
  return { ...mail, at: new Date(at).toISOString() };
}
