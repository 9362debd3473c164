import express, { type Express } from 'express';
import type { SecondFactor } from '../../lib';
import { newestCode, PHONES, startApp, wrongCode } from '../helpers/app';
import { blocksIn, runBlock } from './page';

const TOKEN = 'the token of the link in the mail';

interface Reader {
  secondFactor: SecondFactor;
  resets: { ownerOf: (token: string) => string | undefined };
  changePassword: (userId: string, password: string) => void;
}

test('[S211] the routes that docs/password-reset.md shows ask for a code before a password changes', async () => {
  const [block = ''] = blocksIn('password-reset.md', 'js');
  const { passwordResets } = runBlock('password-reset.md', block) as {
    passwordResets: (app: express.Router, reader: Reader) => void;
  };
  const changed: string[][] = [];
  const routes = express.Router();
  const app = await startApp({ before: (each: Express) => each.use(express.json(), routes) });
  passwordResets(routes, {
    secondFactor: app.secondFactor,
    resets: { ownerOf: (token) => (token === TOKEN ? 'id-of-A' : undefined) },
    changePassword: (...to) => void changed.push(to),
  });
  const post = (path: string, body: object) => app.agent().post(path).send(body);

  await post('/password-reset/code', { token: 'a guess' }).expect(400);
  await post('/password-reset/code', { token: TOKEN }).expect(202);
  const again = await post('/password-reset/code', { token: TOKEN }).expect(429);
  expect(again.headers['retry-after']).toBe('30');
  const code = newestCode(app, PHONES.A);
  const wanted = { token: TOKEN, password: 'a long enough password' };
  const wrong = await post('/password-reset', { ...wanted, code: wrongCode(code) }).expect(401);
  expect(wrong.type).toBe('application/problem+json');
  expect(wrong.body).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 });
  await post('/password-reset', { ...wanted, code, password: 'short' }).expect(422);
  expect(changed).toEqual([]);
  await post('/password-reset', { ...wanted, code }).expect(200);
  await post('/password-reset', { ...wanted, code }).expect(401);
  expect(changed).toEqual([['id-of-A', 'a long enough password']]);
});
