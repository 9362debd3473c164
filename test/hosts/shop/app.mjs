import express from 'express';
import helmet from 'helmet';
import passport from 'passport';
import { accounts } from './routes/accounts.mjs';
import { orders } from './routes/orders.mjs';
import { signIn } from './routes/sign-in.mjs';
import { sessions } from './sessions.mjs';

export const app = express();
app.get('/healthz', (req, res) => res.send('ok'));
app.use(
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"] },
    },
  }),
);
app.use(express.urlencoded({ extended: false }));
app.use(sessions);
app.use(passport.session());

app.get('/', (req, res) => res.redirect(303, '/account'));
app.use(signIn);
app.use('/account', accounts);
app.use('/orders', orders);

// eslint-disable-next-line no-unused-vars -- it is by four parameters that Express knows it
app.use((error, req, res, _next) => {
  console.error(error);
  res.status(500).send('Something went wrong.');
});
