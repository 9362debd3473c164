import { spawn } from 'node:child_process';
import { once } from 'node:events';
import request from 'supertest';
import { Browser } from '../helpers/browser';
import { freePort } from '../helpers/redis-server';
import { closedWithTest } from '../helpers/servers';

/** The phone that the README adds, as it is typed there. */
const TYPED = '206 555 0142';
const PHONE = '12065550142';
const CREDENTIALS = { username: 'bob', password: 'correct horse battery staple' };

/** The app of the README, as a process of its own, with the phone page beside it. */
export async function startFirstApp(folder: string, file: string) {
  const [port, phonePort] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [file], {
    cwd: folder,
    env: { ...process.env, NODE_ENV: '', PORT: String(port), PHONE_PORT: String(phonePort) },
  });
  const ended = once(child, 'exit');
  closedWithTest(() => {
    child.kill('SIGKILL');
    return ended;
  });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(String(chunk)));
  const started = once(child.stdout, 'data').then(([chunk]) => String(chunk as Buffer));
  const first = await Promise.race([started, ended.then(() => `It ended: ${said.join('')}`)]);
  if (!first.startsWith('App:')) throw new Error(first);
  return {
    first,
    said,
    app: `http://localhost:${port}`,
    phone: `http://127.0.0.1:${phonePort}`,
  };
}

/** A person's way through the README: what each step led to, by path, and what stood there. */
export async function walk({ app, phone }: { app: string; phone: string }) {
  const newestCode = async (): Promise<string> => {
    const { body } = await request(phone).get(`/inbox?to=${PHONE}`).expect(200);
    const [text] = (body as { messages: { body: string }[] }).messages;
    return /\b\d{6}\b/.exec(text?.body ?? '')?.[0] ?? '';
  };
  const steps: string[] = [];
  const browse = () => {
    const browser = new Browser(app, [302, 303]);
    const told = (name: string) => steps.push(`${name}: ${new URL(browser.url).pathname}`);
    return {
      browser,
      visit: async (path: string) => {
        await browser.visit(path);
        told(path);
      },
      submit: async (action: string, values: Record<string, string>) => {
        await browser.submit(action, values);
        told(Object.keys(values).join());
      },
    };
  };

  const first = browse();
  await first.visit('/account');
  await first.submit('/login', { ...CREDENTIALS, password: 'wrong' });
  await first.visit('/account');
  await first.submit('/login', CREDENTIALS);
  await first.submit('/second-factor/enrollment', { phone: TYPED });
  await first.submit('/second-factor/enrollment/verify', { code: await newestCode() });
  const shown = first.browser.text();
  await first.visit('/account');

  const second = browse();
  await second.visit('/login');
  await second.submit('/login', CREDENTIALS);
  await second.visit('/account');
  return { steps, shown, account: first.browser.text(), challenge: second.browser.text() };
}
