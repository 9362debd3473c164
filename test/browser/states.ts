import type { APIRequestContext, BrowserContext, Page } from 'playwright-core';
import { SecondFactorError, type SmsSender } from '../../lib';
import { newestCode, startApp, wrongCode, type TestApp, type TestAppOptions } from '../helpers/app';
import type { Tab } from '../helpers/chromium';
import { ROUTER } from '../helpers/paths';

/** Somebody who is signed in, in a browser; what they did before is done by requests of that browser. */
export interface Visitor {
  app: TestApp;
  context: BrowserContext;
  page: Page;
  /** What the browser complained of: scripts that fail, and all that the policy forbids. */
  errors: string[];
  /** The paths that the page has posted to. */
  posts: string[];
  /** Posts as a form of the pages would, without looking at the page that comes. */
  post: (path: string, fields?: Record<string, string>) => Promise<number>;
  /** The text that was sent last. */
  code: () => string;
  show: (path?: string) => Promise<void>;
}

export interface State {
  /** `C` has no phone. Default: `A`. */
  user?: 'A' | 'C';
  /** What the app's options are besides those of `FACTOR`. */
  factor?: TestAppOptions['factor'];
  app?: Omit<TestAppOptions, 'factor'>;
  /** Brings the visitor to the page. */
  reach(visitor: Visitor): Promise<void>;
  /** What can be read there: that it is this state, and no other. */
  says: string;
}

/** Everything that adds something to a page. */
const FACTOR: TestAppOptions['factor'] = {
  trustedDevices: { days: 30 },
  logoutPath: '/logout',
  terms: '/terms',
  privacy: '/privacy',
  support: '/help',
};

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 40" width="200" height="40">
<circle cx="20" cy="20" r="18" fill="#00695c"/><path d="M12 26V14h14M12 20h11M12 26h14" stroke="#fff" stroke-width="3" fill="none"/>
<text x="48" y="27" font-family="Georgia, serif" font-size="20" fill="#00897b">Banque Élysée</text></svg>`;

const PHONE = '(206) 555-0177';

/** A payment that the text names, and its page, too. */
const PAYMENT = 'Pay $250.00 to Bob & Sons <Builders> Limited, of Grünwald im Tale';

async function sent(visitor: Visitor): Promise<void> {
  await visitor.post(ROUTER.challenge);
}

async function passed(visitor: Visitor): Promise<void> {
  await sent(visitor);
  await visitor.post(ROUTER.verify, { code: visitor.code() });
}

async function enrolled(visitor: Visitor): Promise<void> {
  await visitor.post(ROUTER.enrollment, { phone: PHONE });
  await visitor.post(ROUTER.confirm, { code: visitor.code() });
}

/** Fills the form in as a person does: for pages that answer a post themselves. */
async function typePhone({ page }: Visitor, phone: string): Promise<void> {
  await page.fill('#phone', phone);
  await page.click('form[action$="/enrollment"] button');
  await page.waitForSelector('.warning[role=alert]');
}

/** A carrier that says how far its texts got, and one that takes none. */
export const carrier = (delivery: 'delivered' | 'failed' | 'refused' | 'lost'): SmsSender => ({
  send: () =>
    delivery === 'refused' || delivery === 'lost'
      ? Promise.reject(
          new SecondFactorError('delivery_failed', 'out of order', {
            refused: delivery === 'refused',
          }),
        )
      : Promise.resolve({ id: 'text-1' }),
  delivery: () =>
    Promise.resolve(delivery === 'refused' || delivery === 'lost' ? undefined : delivery),
});

/**
 * Each state of the pages, and how to get there. A new one is a line here: it is looked at at every
 * width, in both colors, on paper, from right to left, by axe, and in the pictures.
 */
export const STATES: Record<string, State> = {
  'nothing sent yet': {
    // What the last page said keeps this one from asking by itself.
    reach: async (visitor) => {
      await visitor.post(ROUTER.verify, { code: '123456' });
      await visitor.show();
    },
    says: 'Text me a code',
  },
  'code asked for': {
    reach: async (visitor) => {
      await sent(visitor);
      await visitor.show();
    },
    says: 'Enter the 6-digit code we texted',
  },
  'another text may be asked for': {
    reach: async (visitor) => {
      await sent(visitor);
      await visitor.app.clock.advance(31);
      await visitor.show();
    },
    says: 'Text it again',
  },
  'wrong code': {
    reach: async (visitor) => {
      await sent(visitor);
      for (const step of [1, 2, 3]) {
        await visitor.post(ROUTER.verify, { code: wrongCode(visitor.code(), step) });
      }
      await visitor.show();
    },
    says: '2 attempts left',
  },
  'code used up': {
    reach: async (visitor) => {
      await sent(visitor);
      for (const step of [1, 2, 3, 4, 5]) {
        await visitor.post(ROUTER.verify, { code: wrongCode(visitor.code(), step) });
      }
      await visitor.show();
    },
    says: "this code can't be used anymore",
  },
  'code expired': {
    reach: async (visitor) => {
      await sent(visitor);
      await visitor.app.clock.advance(301);
      await visitor.post(ROUTER.verify, { code: visitor.code() });
      await visitor.show();
    },
    says: "That code can't be used anymore",
  },
  locked: {
    factor: { limits: { lockAfter: 3 } },
    reach: async (visitor) => {
      await sent(visitor);
      for (const step of [1, 2, 3]) {
        await visitor.post(ROUTER.verify, { code: wrongCode(visitor.code(), step) });
      }
      await visitor.show();
    },
    says: 'There were too many wrong codes',
  },
  'carrier refused': {
    factor: { sender: carrier('refused') },
    reach: async (visitor) => {
      await sent(visitor);
      await visitor.show();
    },
    says: "We couldn't send the code",
  },
  'answer of the carrier lost': {
    factor: { sender: carrier('lost') },
    reach: async (visitor) => {
      await sent(visitor);
      await visitor.show();
    },
    says: "It may still arrive, but it won't work",
  },
  'payment confirmed by a code': {
    app: {
      after: (each, secondFactor) => {
        each.post('/pay', secondFactor.require({ transaction: () => PAYMENT }), (_req, res) => {
          res.redirect(303, '/enforced');
        });
      },
    },
    reach: async (visitor) => {
      await passed(visitor);
      await visitor.app.clock.advance(31);
      await visitor.post('/pay', { to: 'Bob' });
      await sent(visitor);
      await visitor.show();
    },
    says: PAYMENT,
  },
  'text delivered': {
    factor: { sender: carrier('delivered') },
    reach: async (visitor) => {
      await sent(visitor);
      await visitor.app.clock.advance(6);
      await visitor.show();
    },
    says: 'Your phone got the text',
  },
  'text not delivered': {
    factor: { sender: carrier('failed') },
    reach: async (visitor) => {
      await sent(visitor);
      await visitor.app.clock.advance(6);
      await visitor.show();
    },
    says: "We couldn't deliver the text",
  },
  'phone asked for': {
    user: 'C',
    reach: (visitor) => visitor.show(),
    says: 'Mobile number',
  },
  'phone refused': {
    user: 'C',
    reach: async (visitor) => {
      await visitor.show();
      await typePhone(visitor, '555 01');
    },
    says: 'Check the phone number',
  },
  'code of a first phone': {
    user: 'C',
    reach: async (visitor) => {
      await visitor.post(ROUTER.enrollment, { phone: PHONE });
      await visitor.show();
    },
    says: 'Confirm phone',
  },
  'recovery codes': {
    user: 'C',
    reach: async (visitor) => {
      await enrolled(visitor);
      await visitor.show(ROUTER.recoveryCodes);
    },
    says: 'Save these somewhere safe',
  },
  'recovery code asked for': {
    user: 'C',
    reach: async (visitor) => {
      await enrolled(visitor);
      await visitor.page.goto(`${visitor.app.url}${ROUTER.recoveryCodes}`);
      await visitor.page.click('form[action$="/kept"] button');
      await visitor.context.request.post(`${visitor.app.url}/logout`, { data: {} });
      await visitor.app.clock.advance(60);
      await signIn(visitor, 'C');
      await sent(visitor);
      await visitor.show();
    },
    says: 'Use a recovery code instead',
  },
  'second factor managed': {
    reach: async (visitor) => {
      await passed(visitor);
      await visitor.show();
    },
    says: 'We text your codes to',
  },
  'codes wait to be kept': {
    user: 'C',
    reach: async (visitor) => {
      await enrolled(visitor);
      await visitor.show();
    },
    says: 'Your new recovery codes',
  },
  'code of another phone': {
    reach: async (visitor) => {
      await passed(visitor);
      await visitor.app.clock.advance(31);
      await visitor.post(ROUTER.enrollment, { phone: PHONE });
      await visitor.show();
    },
    says: 'Confirm your new number',
  },
  'another phone refused': {
    reach: async (visitor) => {
      await passed(visitor);
      await visitor.show();
      await visitor.page.click('#number summary');
      await typePhone(visitor, '555 01');
    },
    says: 'Check the phone number',
  },
  'wrong code of another phone': {
    reach: async (visitor) => {
      await passed(visitor);
      await visitor.app.clock.advance(31);
      await visitor.post(ROUTER.enrollment, { phone: PHONE });
      await visitor.post(ROUTER.confirm, { code: wrongCode(visitor.code()) });
      await visitor.show();
    },
    says: 'Wrong code',
  },
  'asked before it is turned off': {
    user: 'C',
    reach: async (visitor) => {
      await enrolled(visitor);
      await visitor.show(`${ROUTER.home}enrollment/delete`);
    },
    says: 'Turn off two-step verification?',
  },
  'form held up': {
    app: {
      after: (each, secondFactor) => {
        each.post('/pay', secondFactor.require({ maxAge: 300, resume: true }), (_req, res) => {
          res.redirect(303, '/enforced');
        });
      },
    },
    reach: async (visitor) => {
      await passed(visitor);
      await visitor.app.clock.advance(301);
      await visitor.post('/pay', { to: 'Bob', amount: '120.00', memo: 'x'.repeat(60) });
      await passed(visitor);
      await visitor.show(ROUTER.resume);
    },
    says: 'Do you want to go ahead?',
  },
  'a theme of its own': {
    factor: {
      theme: {
        name: 'Banque Élysée',
        logo: '/logo.svg',
        colors: { accent: '#00695c', background: '#eef4f2' },
        radius: 16,
        font: 'Georgia, serif',
      },
    },
    app: {
      before: (each) => {
        each.get('/logo.svg', (_req, res) => void res.type('svg').send(LOGO));
      },
    },
    reach: async (visitor) => {
      await sent(visitor);
      await visitor.show();
    },
    says: 'Enter the 6-digit code we texted',
  },
  'no such page': {
    reach: (visitor) => visitor.show(`${ROUTER.home}nothing`),
    says: "There's nothing here",
  },
};

async function signIn({ app, context }: Visitor, username: string): Promise<void> {
  await context.request.post(`${app.url}/login`, { data: { username, password: 'right' } });
}

/** Starts an app, and brings a visitor in this tab to the state. */
export async function reach(state: State, tab: Tab): Promise<Visitor> {
  const { user = 'A', factor, app: options } = state;
  const app = await startApp({ ...options, factor: { ...FACTOR, ...factor } });
  const visitor = visitorOf(app, tab);
  visitor.page.on('pageerror', ({ message }) => visitor.errors.push(message));
  visitor.page.on('console', (each) => {
    // That a page answers with 401, 404 or 422 is said, too.
    if (each.type() === 'error' && !each.text().startsWith('Failed to load resource')) {
      visitor.errors.push(each.text());
    }
  });
  visitor.page.on('request', (each) => {
    if (each.method() === 'POST') visitor.posts.push(new URL(each.url()).pathname);
  });
  await signIn(visitor, user);
  await state.reach(visitor);
  return visitor;
}

function visitorOf(app: TestApp, { context, page }: Tab): Visitor {
  const requests: APIRequestContext = context.request;
  const headers = { accept: 'text/html', origin: app.url, referer: `${app.url}/enforced` };
  return {
    app,
    context,
    page,
    errors: [],
    posts: [],
    post: async (path, form = {}) => {
      const answer = await requests.post(`${app.url}${path}`, { form, headers, maxRedirects: 0 });
      return answer.status();
    },
    code: () => newestCode(app),
    show: async (path = ROUTER.home) => {
      await page.goto(`${app.url}${path}`);
    },
  };
}
