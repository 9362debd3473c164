import { createSecondFactor, mapEnrollments, memoryCounter } from 'passport-sms-2fa';
import { connect, expressApp, PASSWORD, phoneOf, storeOn } from './common.mjs';

/** As many as the options allow: an honest load of many users must not meet a limit of one address. */
const PLENTY = [{ count: 1_000_000_000, seconds: 86_400 }];

/** The library, mounted as its README says. */
export async function createApp(redisUrl, mounted) {
  const store = storeOn(await connect(redisUrl));
  return libraryApp(store, redisUrl === undefined ? { counter: memoryCounter() } : {}, mounted);
}

/** The app on a store; `options` are further ones of `createSecondFactor`. */
export function libraryApp(store, options, { webhooks = false } = {}) {
  const codes = new Map();
  const enrolled = enrolledUsers();
  const secondFactor = createSecondFactor({
    appName: 'Acme',
    domain: 'acme.example',
    secret: 'a secret of the benchmark, 32 characters or more',
    sessionStore: store,
    sender: {
      send: ({ to, body }) => {
        codes.set(to, /\d{6}/.exec(body)[0]);
        return Promise.resolve({ id: `mdr2-${to}` });
      },
    },
    enrollments: mapEnrollments(enrolled),
    loginPath: '/login',
    logoutPath: '/logout',
    limits: { textsPerAddress: PLENTY, sentPerAddress: PLENTY },
    ...options,
  });
  const { app, passport } = expressApp(store, { between: [secondFactor.requireStore()] });
  passport.use(secondFactor.strategy());
  if (webhooks) app.use('/sms', secondFactor.webhooks());
  app.use('/second-factor', secondFactor.router());
  const answer = (req, res) => res.json({ hello: req.user.id });
  app.get('/ungated', answer);
  app.get('/gated', secondFactor.require(), answer);
  return {
    listener: app,
    codeOf: (userId) => codes.get(phoneOf(userId)),
    // One user enrolls as users do; all others get a copy of what the library kept for that one.
    prepare: (origin) => enroll(origin, codes, enrolled),
  };
}

function enrolledUsers() {
  const kept = new Map();
  let copy;
  return {
    get: (userId) => kept.get(userId) ?? (copy && { ...copy, phone: phoneOf(userId) }),
    set: (userId, enrollment) => kept.set(userId, enrollment),
    delete: (userId) => kept.delete(userId),
    copyFor: (userId) => (copy = kept.get(userId)),
  };
}

async function enroll(origin, codes, enrolled) {
  let cookie;
  const post = async (path, body) => {
    const answer = await fetch(origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(cookie && { cookie }) },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
  };
  const userId = 'u0';
  await post('/login', { username: userId, password: PASSWORD });
  await post('/second-factor/enrollment', { phone: phoneOf(userId) });
  await post('/second-factor/enrollment/verify', { code: codes.get(phoneOf(userId)) });
  enrolled.copyFor(userId);
}
