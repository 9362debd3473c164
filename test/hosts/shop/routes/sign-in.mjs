import { Router } from 'express';
import passport from 'passport';
import { io } from '../io.mjs';

export const signIn = Router();

signIn.get('/sign-in', (req, res) => {
  const fields = '<input name="email"><input name="password" type="password">';
  res.send(`<form method="post" action="/sign-in">${fields}<button>Sign in</button></form>`);
});

signIn.post(
  '/sign-in',
  passport.authenticate('local', { failureRedirect: '/sign-in', keepSessionInfo: true }),
  (req, res) => res.redirect(303, '/account'),
);

signIn.post('/sign-out', (req, res, next) => {
  const { id } = req.session;
  req.logout((error) => {
    if (error) return next(error);
    io.in(id).disconnectSockets(true);
    return res.redirect(303, '/sign-in');
  });
});
