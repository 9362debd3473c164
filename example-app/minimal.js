const express = require('express');
const session = require('express-session');
const passport = require('passport');
const { Strategy: LocalStrategy } = require('passport-local');
const sms = require('passport-sms-2fa');
const { createSimulator, SIMULATOR_CREDENTIALS } = require('passport-sms-2fa/simulator');

const { PORT = '3000', PHONE_PORT = '3001' } = process.env;
const secret = process.env.SECRET ?? 'for your own machine: openssl rand -base64 32';
const bob = { id: '1', username: 'bob', password: 'correct horse battery staple' };
const form = `<form method="post" action="/login"><input name="username">
  <input name="password" type="password"> <button>Sign in</button></form>`;
const cookie = { sameSite: 'lax' }; // behind https: secure: true, too
const sessionStore = new session.MemoryStore();

const secondFactor = sms.createSecondFactor({
  appName: 'Acme', // named in every text
  secret,
  sessionStore, // the same store that express-session uses
  sender: sms.flowrouteSender({
    ...SIMULATOR_CREDENTIALS, // later: accessKey, secretKey and from of your account, no baseUrl
    baseUrl: `http://127.0.0.1:${PHONE_PORT}`,
  }),
  enrollments: sms.mapEnrollments(new Map()), // later: a table of your database
  counter: sms.memoryCounter(), // later, with several processes: Redis or PostgreSQL
  loginPath: '/login',
  logoutPath: '/logout',
});

passport.use(
  new LocalStrategy((username, password, done) => {
    done(null, username === bob.username && password === bob.password ? bob : false);
  }),
);
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => done(null, id === bob.id ? bob : false));

const app = express();
app.use(express.urlencoded({ extended: false }));
app.use(session({ store: sessionStore, secret, cookie, resave: false, saveUninitialized: false }));
app.use(secondFactor.requireStore(), passport.session());

app.get('/', (req, res) => res.send('<a href="/account">Your account</a>'));
app.get('/login', (req, res) => res.send(form));
const back = { keepSessionInfo: true, successReturnToOrRedirect: '/', failureRedirect: '/login' };
app.post('/login', passport.authenticate('local', back)); // and back to the page they wanted
app.post('/logout', (req, res, next) => {
  req.logout((error) => (error ? next(error) : res.redirect('/')));
});

app.use('/second-factor', secondFactor.router()); // the pages and the JSON API
app.use(secondFactor.enforce()); // whoever has a phone must pass, from here on
app.get('/account', secondFactor.require(), (req, res) => res.send(`Hello ${req.user.username}`));

async function start() {
  const phone = await createSimulator().listen(Number(PHONE_PORT));
  await secondFactor.check(); // what is set wrong ends the start, with its cure
  app.listen(Number(PORT), () => console.log(`App: http://localhost:${PORT}  Phone: ${phone.url}`));
}
start();
