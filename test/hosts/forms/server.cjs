'use strict';

/** A small town's library: server-rendered forms, users and sessions in one SQLite file. */
const { compareSync, hashSync } = require('bcryptjs');
const csrf = require('csurf');
const express = require('express');
const session = require('express-session');
const Database = require('libsql'); // has the interface of better-sqlite3
const passport = require('passport');
const { Strategy: LocalStrategy } = require('passport-local');
const SqliteStore = require('better-sqlite3-session-store')(session);

const database = new Database(process.env.DATABASE);
database.exec(`
  CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, password TEXT);
  CREATE TABLE IF NOT EXISTS loans (user_id INTEGER, title TEXT);
`);
const byName = database.prepare('SELECT * FROM users WHERE name = ?');
const byId = database.prepare('SELECT id, name FROM users WHERE id = ?');
if (!byName.get('bob')) {
  const add = database.prepare('INSERT INTO users (name, password) VALUES (?, ?)');
  add.run('bob', hashSync('correct horse', 8));
}

passport.use(
  new LocalStrategy((name, password, done) => {
    const user = byName.get(name);
    if (!user || !compareSync(password, user.password)) return done(null, false);
    return done(null, { id: user.id, name: user.name });
  }),
);
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => done(null, byId.get(id) ?? false));

const app = express();
const store = new SqliteStore({ client: database });
app.use(express.urlencoded({ extended: false }));
app.use(
  session({
    store,
    secret: process.env.SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: 'auto' },
  }),
);
app.use(passport.session());
app.use(csrf());

const escaped = (text) => String(text).replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`);

function page(req, title, body) {
  const token = `<input type="hidden" name="_csrf" value="${req.csrfToken()}">`;
  return `<!doctype html><title>${title}</title><h1>${title}</h1>${body}
    <form method="post" action="/logout">${token}<button>Sign out</button></form>`.replaceAll(
    '<!-- token -->',
    token,
  );
}

function signedIn(req, res, next) {
  if (req.isAuthenticated()) next();
  else res.redirect(303, '/login');
}

app.get('/login', (req, res) => {
  const fields = '<input name="username"><input name="password" type="password">';
  const form = `<form method="post" action="/login"><!-- token -->${fields}<button>Sign in</button></form>`;
  res.send(page(req, 'Sign in', form));
});

app.post(
  '/login',
  passport.authenticate('local', { failureRedirect: '/login', keepSessionInfo: true }),
  (req, res) => res.redirect(303, '/'),
);

app.post('/logout', (req, res, next) => {
  req.logout((error) => (error ? next(error) : res.redirect(303, '/login')));
});

app.get('/', signedIn, (req, res) => {
  const titles = database.prepare('SELECT title FROM loans WHERE user_id = ?').all(req.user.id);
  const loans = titles.map(({ title }) => `<li>${escaped(title)}</li>`).join('');
  res.send(page(req, `Loans of ${escaped(req.user.name)}`, `<ul>${loans}</ul>`));
});

app.get('/order', signedIn, (req, res) => {
  const form =
    '<form method="post" action="/order"><!-- token --><input name="title"><button>Order</button></form>';
  res.send(page(req, 'Order a book', form));
});

app.post('/order', signedIn, (req, res) => {
  const add = database.prepare('INSERT INTO loans (user_id, title) VALUES (?, ?)');
  add.run(req.user.id, req.body.title);
  res.redirect(303, '/');
});

// eslint-disable-next-line no-unused-vars -- it is by four parameters that Express knows it
app.use((error, req, res, _next) => {
  const isOld = error.code === 'EBADCSRFTOKEN';
  if (!isOld) console.error(error);
  res.status(isOld ? 403 : 500).send(isOld ? 'This form is too old.' : 'Something went wrong.');
});

const server = app.listen(process.env.PORT, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
