import type request from 'supertest';
import {
  enrolled,
  newestCode,
  signIn,
  startApp,
  type Agent,
  type TestApp,
  type TestAppOptions,
} from './app';
import { ROUTER } from './paths';

/** An app whose clients name their own address. */
export function startBehindProxy(options: TestAppOptions = {}): Promise<TestApp> {
  return startApp({ before: (each) => each.set('trust proxy', true), ...options });
}

/** Another user, with a confirmed phone or with none; answers the name to sign in with. */
export function signUp(app: TestApp, name: string, phone?: string): string {
  const username = name.toUpperCase();
  app.users.set(username, { id: `id-of-${username}`, username, passwordVersion: 1 });
  if (phone !== undefined) app.enrollments.set(`id-of-${username}`, enrolled(phone));
  return username;
}

/** The same, signed in. */
export async function newcomer(app: TestApp, name: string, phone?: string): Promise<Agent> {
  const agent = app.agent();
  await signIn(agent, signUp(app, name, phone));
  return agent;
}

export const ask = (agent: Agent, address = '192.0.2.1'): request.Test =>
  agent.post(ROUTER.challenge).set('X-Forwarded-For', address).send({});

export const askFor = (agent: Agent, phone: unknown, address = '192.0.2.1'): request.Test =>
  agent.post(ROUTER.enrollment).set('X-Forwarded-For', address).send({ phone });

/** Answers the newest text to the number: at a sign-in, or while it is enrolled. */
export function answer(
  app: TestApp,
  agent: Agent,
  phone: string,
  path: string = ROUTER.confirm,
): request.Test {
  return agent.post(path).send({ code: newestCode(app, phone) });
}

/** Every number in another block of the same area. */
export const inBlock = (block: number, last = 100): string =>
  `+1206${200 + block}${String(last).padStart(4, '0')}`;

/** Every number in one block. */
export const numbered = (last: number): string => `+1206555${String(last).padStart(4, '0')}`;

/** Everybody at another address. */
export const addressOf = (each: number): string =>
  `198.18.${Math.floor(each / 250)}.${(each % 250) + 1}`;
