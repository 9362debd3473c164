import type { Express } from 'express';
import type { EventName, SecondFactorEvents, WebhookOptions } from '../../lib';
import type { Middleware } from '../../lib/express/http';
import { PHONES, startApp, type TestApp, type TestAppOptions } from '../helpers/app';
import { raw, type RawAnswer, type RawRequest } from '../helpers/parallel';

export const MOUNTED_AT = '/webhooks/flowroute';
/** The number of the app that texts come from, and answers go to. */
export const APP_NUMBER = '12065550100';

/** A delivery receipt as the carrier documents it. */
export function receiptOf(id: string, status?: string, status_code?: unknown): object {
  const attributes = { body: '', level: 2, status, status_code };
  return { data: { attributes, id, type: 'delivery_receipt' } };
}

/** An inbound text as older accounts get it. */
export function textFrom(from: string, body: string | null, id: string): object {
  return { to: APP_NUMBER, from: from.replace('+', ''), body, id };
}

interface Happening {
  name: EventName;
  facts: object;
}

const WATCHED: EventName[] = [
  'sent',
  'send_refused',
  'delivery',
  'reported',
  'opted_out',
  'notice',
  'verified',
  'failed',
  'locked',
  'unlocked',
  'enrolled',
  'replaced',
  'removed',
  'store_failed',
];

/** An app that the carrier calls. */
export interface CalledApp extends TestApp {
  events: Happening[];
  /** What was told under this name. */
  told<Name extends EventName>(name: Name): SecondFactorEvents[Name][];
  /** The address that the carrier was told. */
  address: string;
  /** The carrier calls with this body. */
  call(body: unknown, more?: Partial<RawRequest>): Promise<RawAnswer>;
  /** A person answers to the app's number. */
  answer(body: string | null, from?: string, id?: string): Promise<RawAnswer>;
}

export interface CalledAppOptions extends TestAppOptions {
  webhooks?: WebhookOptions;
  /** Put in between the callbacks and the session. */
  between?: (app: Express) => void;
}

/** One request of the carrier. */
export function calling(path: string, body: unknown): RawRequest {
  const headers = { 'content-type': 'application/json' };
  return { method: 'POST', path, headers, body: JSON.stringify(body) };
}

/** Starts an app with its callbacks mounted before everything else. */
export async function startCalledApp(options: CalledAppOptions = {}): Promise<CalledApp> {
  const { webhooks, between, before, ...rest } = options;
  const later: { callbacks?: Middleware } = {};
  const app = await startApp({
    ...rest,
    before: (target) => {
      before?.(target);
      target.use(MOUNTED_AT, (req, res, next) => later.callbacks?.(req, res, next));
      between?.(target);
    },
  });
  later.callbacks = app.secondFactor.webhooks(webhooks);
  const events: Happening[] = [];
  for (const name of WATCHED) {
    app.secondFactor.on(name, (facts) => void events.push({ name, facts }));
  }
  const address = `${MOUNTED_AT}/${app.secondFactor.webhookToken}`;
  let texts = 0;
  const call: CalledApp['call'] = (body, more) =>
    raw(app.url, { ...calling(address, body), ...more });
  return {
    ...app,
    events,
    told: (name: EventName) =>
      events.filter((each) => each.name === name).map(({ facts }) => facts) as never,
    address,
    call,
    answer: (body, from = PHONES.A, id = `mdr1-answer-${(texts += 1)}`) =>
      call(textFrom(from, body, id)),
  };
}
