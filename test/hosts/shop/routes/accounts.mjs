import { Router } from 'express';

export const accounts = Router();

accounts.use((req, res, next) => {
  if (req.isAuthenticated()) next();
  else res.redirect(303, '/sign-in');
});

accounts.get('/', (req, res) => {
  res.send(`<h1>Your account</h1><p id="email">${encodeURI(req.user.email)}</p>
    <form method="post" action="/sign-out"><button>Sign out</button></form>`);
});
