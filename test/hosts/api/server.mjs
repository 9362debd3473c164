/** Orders of a warehouse, as JSON and GraphQL, for a front end on another origin. */
import { RedisStore } from 'connect-redis';
import cors from 'cors';
import express from 'express';
import session from 'express-session';
import {
  GraphQLError,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { createHandler } from 'graphql-http/lib/use/express';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { createClient } from 'redis';

const users = new Map([['bob', { id: 'bob', password: 'correct horse', credit: 100 }]]);
passport.use(
  new LocalStrategy((name, password, done) => {
    const user = users.get(name);
    done(null, user?.password === password ? user : false);
  }),
);
passport.serializeUser((user, done) => done(null, user.id));
passport.deserializeUser((id, done) => done(null, users.get(id) ?? false));

const redis = createClient({ url: process.env.REDIS_URL });
redis.on('error', (error) => console.error(error));
await redis.connect();
const store = new RedisStore({ client: redis });
const frontEnd = process.env.FRONT_END;

function onlySignedIn({ user }) {
  if (user === undefined) throw new GraphQLError('Sign in first.');
  return user;
}

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: {
      motto: { type: GraphQLString, resolve: () => 'We have it' },
      credit: {
        type: GraphQLInt,
        resolve: (_root, _args, req) => onlySignedIn(req).credit,
      },
    },
  }),
  mutation: new GraphQLObjectType({
    name: 'Mutation',
    fields: {
      refund: {
        type: GraphQLInt,
        args: { amount: { type: new GraphQLNonNull(GraphQLInt) } },
        resolve: (_root, { amount }, req) => (onlySignedIn(req).credit += amount),
      },
    },
  }),
});

const app = express();
app.use(cors({ origin: frontEnd, credentials: true }));
app.use(express.json());
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

app.post('/session', passport.authenticate('local'), (req, res) => {
  res.status(201).json({ user: req.user.id });
});
app.delete('/session', (req, res, next) => {
  req.logout((error) => (error ? next(error) : res.status(204).end()));
});
app.all('/graphql', createHandler({ schema, context: ({ raw }) => raw }));

app.use((req, res, next) => {
  if (req.isAuthenticated()) next();
  else res.status(401).json({ error: 'Sign in first.' });
});
app.get('/orders', (req, res) => res.json([{ id: 1, of: req.user.id }]));
app.delete('/orders/:id', (req, res) => {
  res.status(204).end();
});

const server = app.listen(process.env.PORT, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
