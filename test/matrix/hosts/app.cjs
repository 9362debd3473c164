'use strict';

/**
 * The app that every row runs: passwords, sessions, some routes. With `factor`, the package, it has
 * a second factor mounted as the README says; without, it is the control.
 */
exports.makeApp = function makeApp(host) {
  const { express, session, passport, LocalStrategy, factor, store, factorOptions = {} } = host;
  const watched = { texts: [], events: {}, waiting: [] };
  const sessionStore = store ?? new session.MemoryStore();
  const secondFactor = factor && makeSecondFactor(factor, sessionStore, factorOptions, watched);
  const authenticator = makeAuthenticator(passport, LocalStrategy);

  const app = express();
  addBackdoor(app, express, watched);
  app.use(
    session({
      store: sessionStore,
      secret: 'a secret of the matrix',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 3_600_000 },
      ...host.sessionOptions,
    }),
  );
  if (secondFactor !== undefined) app.use(secondFactor.requireStore());
  // Passport before 0.6 needs it; later ones take it.
  if (host.initialize) app.use(authenticator.initialize());
  app.use(authenticator.session());
  if (secondFactor !== undefined) authenticator.use(secondFactor.strategy());
  addSignIn(app, express, authenticator);
  if (secondFactor !== undefined) addOwnPages(app, express, authenticator, secondFactor);
  addSessionRoutes(app, watched);
  if (secondFactor !== undefined) app.use('/second-factor', secondFactor.router());

  const gate = secondFactor?.enforce() ?? ((_req, _res, next) => next());
  const guard = (options) => secondFactor?.require(options) ?? onlySignedIn;
  app.use(gate);
  app.get('/home', (req, res) => res.json({ home: true }));
  app.get('/account', guard(), (req, res) => res.json({ account: req.user.id }));
  app.post('/transfer', guard({ maxAge: 1 }), (req, res) => res.json({ transferred: true }));
  // eslint-disable-next-line no-unused-vars -- it is by four parameters that Express knows it
  app.use((error, _req, res, _next) => {
    console.error(error);
    res.status(500).json({ error: String(error) });
  });
  return app;
};

function makeSecondFactor(factor, sessionStore, factorOptions, { texts, events }) {
  const secondFactor = factor.createSecondFactor({
    appName: 'Matrix',
    domain: 'matrix.example',
    secret: 'a secret of the matrix that is long enough',
    sessionStore,
    sender: {
      send: ({ to, body }) => {
        texts.push({ to, code: /\d{6}/.exec(body)[0] });
        return Promise.resolve({ id: `text-${texts.length}` });
      },
    },
    enrollments: factor.mapEnrollments(new Map()),
    loginPath: '/login',
    limits: { resendWait: [15], waitAfterSuccess: 1 },
    ...factorOptions,
  });
  for (const name of ['verified', 'failed', 'store_failed']) {
    secondFactor.on(name, (event) => {
      events[name] = (events[name] ?? 0) + 1;
      if (name === 'store_failed') console.error(event.error ?? event);
    });
  }
  return secondFactor;
}

function makeAuthenticator(passport, LocalStrategy) {
  const authenticator = new passport.Passport();
  authenticator.use(
    new LocalStrategy((id, password, done) => done(null, password === 'right' && { id })),
  );
  authenticator.serializeUser((user, done) => done(null, user.id));
  authenticator.deserializeUser((id, done) => done(null, { id }));
  return authenticator;
}

function onlySignedIn(req, res, next) {
  return req.isAuthenticated() ? next() : res.status(401).json({ code: 'not_authenticated' });
}

/** What the drive sees beside the app: the user's phone, what was counted, a request let go. */
function addBackdoor(app, express, { texts, events, waiting }) {
  app.get('/-/texts', (req, res) => res.json(texts.filter(({ to }) => to === req.query.to)));
  app.get('/-/events', (_req, res) => res.json(events));
  app.get('/-/waiting', (_req, res) => res.json(waiting.length));
  app.post('/-/release', express.json(), (_req, res) => {
    for (const go of waiting.splice(0)) go();
    res.json({});
  });
}

function addSignIn(app, express, authenticator) {
  app.post(
    '/login',
    express.json(),
    authenticator.authenticate('local', { keepSessionInfo: true }),
    (req, res) => res.json({ user: req.user.id }),
  );
  app.post('/logout', (req, res, next) => {
    const done = (error) => (error ? next(error) : res.json({}));
    if (req.logout.length > 0) return req.logout(done);
    req.logout();
    return done();
  });
}

function addOwnPages(app, express, authenticator, secondFactor) {
  app.post('/own/challenge', secondFactor.challenge(), (_req, res) => res.status(202).json({}));
  app.post(
    '/own/verify',
    express.urlencoded({ extended: false }),
    authenticator.authenticate('sms-2fa', { failureRedirect: '/own', failureMessage: true }),
    (_req, res) => res.json({ own: true }),
  );
}

function addSessionRoutes(app, { waiting }) {
  app.get('/me', (req, res) => res.json({ user: req.user?.id ?? null }));
  app.post('/cart/:thing', (req, res) => {
    req.session.cart = [...(req.session.cart ?? []), req.params.thing];
    res.json({});
  });
  app.get('/cart', (req, res) => res.json(req.session.cart ?? []));
  app.post('/destroy', (req, res, next) => {
    req.session.destroy((error) => (error ? next(error) : res.json({})));
  });
  // Has read the session, changes it, and writes it back when it is let go.
  app.post('/slow', async (req, res) => {
    await new Promise((resolve) => waiting.push(resolve));
    req.session.slow = true;
    res.json({});
  });
}
