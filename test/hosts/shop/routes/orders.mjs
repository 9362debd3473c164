import { Router } from 'express';
import { pool } from '../database.mjs';
import { io } from '../io.mjs';

export const orders = Router();

orders.use((req, res, next) => {
  if (req.isAuthenticated()) next();
  else res.redirect(303, '/sign-in');
});

orders.get('/new', (req, res) => {
  res.send(`<h1>Order</h1>
    <form method="post" action="/orders"><input name="article"><button>Buy</button></form>`);
});

orders.get('/', async (req, res) => {
  const { rows } = await pool.query('SELECT article FROM purchases WHERE customer_id = $1', [
    req.user.id,
  ]);
  res.send(`<h1>Orders</h1><p>${rows.map(({ article }) => encodeURI(article)).join(' ')}</p>`);
});

orders.post('/', async (req, res) => {
  const { article } = req.body;
  await pool.query('INSERT INTO purchases VALUES ($1, $2)', [req.user.id, article]);
  io.in(`customer ${req.user.id}`).emit('news', `Ordered: ${article}`);
  res.redirect(303, '/orders');
});
