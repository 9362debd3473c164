import type { Page } from 'playwright-core';
import request from 'supertest';
import { flowrouteSender, type SecondFactorOptions } from '../../lib';
import { createSimulator, SIMULATOR_CREDENTIALS } from '../../lib/simulator';
import * as testing from '../../lib/testing';
import { enrolled, PHONES, startApp, type User } from '../helpers/app';
import { hasChromium, useWindow } from '../helpers/chromium';
import { closedWithTest } from '../helpers/servers';
import { blocksIn, runBlock } from './page';

const blocks = blocksIn('testing.md', 'js');
const blockWith = (...words: string[]): string => {
  const found = blocks.filter((block) => words.every((word) => block.includes(word)));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
};

const SIGN_IN = `<form method="post" action="/login-returning">
  <input name="username"><input name="password"><button>Sign in</button></form>`;

/** The reader's app: alice has no phone, bob has one. */
const start = async (factor: Partial<SecondFactorOptions<User>>) => {
  const app = await startApp({
    factor,
    before: (each) => each.get('/login', (_req, res) => void res.send(SIGN_IN)),
    after: (each, secondFactor) =>
      each.get('/account', secondFactor.require(), (_req, res) => void res.send('<h1>Account')),
  });
  for (const id of ['alice', 'bob']) {
    app.users.set(id.toUpperCase(), { id, username: id.toUpperCase(), passwordVersion: 1 });
  }
  app.enrollments.set('bob', enrolled(PHONES.A));
  return app;
};
const createApp = async (factor: Partial<SecondFactorOptions<User>>) =>
  (await start(factor)).server;
const modules = {
  supertest: request,
  'passport-sms-2fa/testing': testing,
  './app': { createApp },
};

describe('with Jest', () => {
  runBlock('testing.md', blockWith('supertest', 'clock.advance'), modules);
});

describe('with what Vitest has of Jest', () => {
  runBlock('testing.md', blockWith("from 'vitest'"), { ...modules, vitest: { test, expect } });
});

(hasChromium() ? describe : describe.skip)('with Playwright', () => {
  const window = useWindow();
  let page: Page;
  const address = { simulator: '' };
  beforeEach(async () => {
    const simulator = await createSimulator().listen(0);
    closedWithTest(() => simulator.close());
    address.simulator = simulator.url;
    const sender = flowrouteSender({ ...SIMULATOR_CREDENTIALS, baseUrl: simulator.url });
    const { url } = await start({ sender });
    ({ page } = await window.other({ baseURL: url }));
  });

  // Its runner hands each test a page; the simulator is where it is.
  const runner = (title: string, body: (given: { page: Page }) => Promise<void>): void =>
    test(title, () => body({ page }));
  const simulatorTexts = (url: string): testing.Texts => {
    expect(url).toBe('http://127.0.0.1:3001');
    return {
      mark: () => testing.simulatorTexts(address.simulator).mark(),
      waitFor: (wanted) => testing.simulatorTexts(address.simulator).waitFor(wanted),
    };
  };
  runBlock('testing.md', blockWith('@playwright/test'), {
    '@playwright/test': { test: runner, expect },
    'passport-sms-2fa/testing': { ...testing, simulatorTexts },
  });
});

test('the page has no other block that nothing runs but the simulator and the numbers of reviewers', () => {
  const others = blocks.filter((block) => !/^test\('/m.test(block));
  expect(others.map((block) => /createSimulator|testNumbers/.exec(block)?.[0])).toEqual([
    'createSimulator',
    'testNumbers',
  ]);
});
