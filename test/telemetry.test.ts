import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import {
  context,
  metrics,
  ROOT_CONTEXT,
  trace,
  type Context,
  type ContextManager,
} from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { flowrouteSender, SecondFactorError } from '../lib';
import { guardedCounter } from '../lib/counters/guarded-counter';
import { METRICS } from '../lib/telemetry';
import { storeCall } from '../lib/time-limit';
import { receiptOf, startCalledApp, type CalledApp } from './express/carrier-calls';
import {
  MANY_TEXTS,
  newestCode,
  PHONES,
  signIn,
  startApp,
  verified,
  wrongCode,
} from './helpers/app';
import { ROUTER } from './helpers/paths';
import { listen } from './helpers/servers';

/** What `@opentelemetry/context-async-hooks` does, in small. */
class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with: ContextManager['with'] = (active, fn, self, ...args) =>
    this.#storage.run(active, () => fn.apply(self as never, args));
  bind<T>(_context: Context, target: T): T {
    return target;
  }
  enable = () => this;
  disable = () => this;
}

let exporter: InMemoryMetricExporter;
const spans = new InMemorySpanExporter();
let reader: PeriodicExportingMetricReader | undefined;

/** Sets an SDK up, as an app does in a file that is loaded first, or later. */
function setUp(): void {
  exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncContexts());
}

afterEach(async () => {
  await reader?.shutdown();
  spans.reset();
  for (const api of [metrics, trace, context]) api.disable();
});

interface Point {
  attributes: Record<string, unknown>;
  value: number | { count: number };
}

/** Everything that was exported, by the names of the metrics. */
async function exported(): Promise<Map<string, Point[]>> {
  await reader?.forceFlush();
  const newest = exporter.getMetrics().at(-1);
  const found = newest?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
  return new Map(
    found.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints as Point[]]),
  );
}

/** How often this was counted with exactly these words, whatever else was said. */
function counted(points: readonly Point[] = [], words: Record<string, string>): number {
  return points
    .filter(({ attributes }) =>
      Object.entries(words).every(([name, word]) => attributes[name] === word),
    )
    .reduce((sum, { value }) => sum + (typeof value === 'number' ? value : value.count), 0);
}

/** Signs up, texts, guesses, locks, recovers, trusts, reports, removes: each event of a life. */
async function liveThrough(app: CalledApp): Promise<string[]> {
  const { outbox, clock, secondFactor } = app;
  const secrets: string[] = [];
  const newest = (to?: string): string => {
    const code = newestCode(app, to);
    secrets.push(code);
    return code;
  };
  const owner = app.agent();
  await signIn(owner, 'C');
  await owner.post(ROUTER.enrollment).send({ phone: '+12065550144' }).expect(202);
  const enrolled = await owner.post(ROUTER.confirm).send({ code: newest() }).expect(200);
  const { recoveryCodes } = enrolled.body as { recoveryCodes: string[] };
  secrets.push(...recoveryCodes);
  await owner.post(ROUTER.kept).send({ recoveryCodes: true });
  await clock.advance(60);
  const again = app.agent();
  await signIn(again, 'C');
  await again.post(ROUTER.recovery).send({ code: recoveryCodes[0] });
  await again.post(ROUTER.recovery).send({ code: 'AAAA-AAAA-AAAA-AAAA' });
  const trusting = app.agent();
  await signIn(trusting, 'A');
  await trusting.post(ROUTER.challenge).send({}).expect(202);
  const trustCode = newest(PHONES.A);
  await trusting.post(ROUTER.verify).send({ code: trustCode, trustDevice: true }).expect(200);
  await app.call(receiptOf(`outbox-${outbox.messages.length}`, 'delivered', 3));
  await clock.advance(60);
  await trusting.post('/logout').send({});
  await signIn(trusting, 'A');
  await trusting.get('/secret');
  const thief = app.agent();
  await signIn(thief, 'B');
  await thief.post(ROUTER.challenge).send({}).expect(202);
  await thief.post(ROUTER.challenge).send({}).expect(429);
  const code = newest(PHONES.B);
  for (let step = 1; step <= 10; step += 1) {
    await thief.post(ROUTER.verify).send({ code: wrongCode(code, step) });
    if (step === 5) {
      await clock.advance(300);
      await thief.post(ROUTER.challenge).send({});
    }
  }
  await app.answer('NO', PHONES.B);
  await app.answer('STOP', PHONES.B);
  for (const verb of ['unlock', 'revoke', 'reset'] as const) {
    await secondFactor.admin[verb]('id-of-B', { operator: 'operator-7@desk.example' });
  }
  return secrets;
}

test('[S212] a life of texts, guesses, locks and answers is counted, and no number, address, code or id of anybody is exported', async () => {
  setUp();
  const app = await startCalledApp({
    factor: {
      trustedDevices: { days: 30 },
      limits: { ...MANY_TEXTS, overall: [{ count: 5, seconds: 86_400 }] },
    },
  });
  const codes = await liveThrough(app);
  const found = await exported();

  const attempts = found.get('sms2fa.text.attempts');
  const accepted = { 'sms2fa.outcome': 'accepted', 'sms2fa.channel': 'sms' };
  const us = { ...accepted, 'sms2fa.country': 'US' };
  expect(counted(attempts, { ...us, 'sms2fa.purpose': 'sign-in' })).toBeGreaterThanOrEqual(2);
  expect(counted(attempts, { ...us, 'sms2fa.purpose': 'enroll' })).toBe(1);
  expect(counted(attempts, accepted)).toBe(app.outbox.messages.length);
  const refusals = found.get('sms2fa.refusals');
  expect(counted(refusals, { 'sms2fa.reason': 'resend_too_soon' })).toBeGreaterThanOrEqual(1);
  const verifications = found.get('sms2fa.verifications');
  expect(counted(verifications, { 'sms2fa.outcome': 'verified' })).toBeGreaterThanOrEqual(2);
  const wrong = app.told('failed').length;
  expect(wrong).toBeGreaterThan(4);
  expect(counted(verifications, { 'sms2fa.outcome': 'wrong' })).toBe(wrong);
  expect(counted(found.get('sms2fa.locks'), {})).toBe(app.told('locked').length);
  expect(counted(found.get('sms2fa.changes'), { 'sms2fa.change': 'enrolled' })).toBe(1);
  expect(counted(found.get('sms2fa.warnings'), { 'sms2fa.warning': 'reported' })).toBe(
    app.told('reported').length,
  );
  expect(counted(found.get('sms2fa.deliveries'), { 'sms2fa.state': 'delivered' })).toBe(1);
  expect(counted(found.get('sms2fa.budget.alerts'), {})).toBeGreaterThanOrEqual(1);
  const carrier = found.get('sms2fa.carrier.duration');
  expect(counted(carrier, { 'sms2fa.channel': 'sms' })).toBe(app.outbox.messages.length);
  const store = found.get('sms2fa.store.duration');
  for (const operation of ['counter.settle', 'sessionStore.get', 'enrollments.get']) {
    expect(counted(store, { 'sms2fa.operation': operation })).toBeGreaterThan(0);
  }

  const words = [...found.values()].flatMap((points) => points.map(({ attributes }) => attributes));
  const told = JSON.stringify([words, spans.getFinishedSpans().map(said)]);
  expect(told).not.toMatch(/555|id-of|127\.0|operator-7|@|::/);
  for (const code of codes) expect(told).not.toContain(code);
  // A word is a word: whatever has a digit in it would be somebody's own.
  const values = words.flatMap((attributes) => Object.values(attributes));
  expect(values.length).toBeGreaterThan(20);
  expect(values.filter((word) => !/^[A-Za-z][A-Za-z._-]*$/.test(String(word)))).toEqual([]);
  expect([...found.keys()].filter((name) => !(name in METRICS))).toEqual([]);
});

/** What a span says of itself. */
function said(span: ReturnType<InMemorySpanExporter['getFinishedSpans']>[number]): object {
  const { name, attributes, events, status } = span;
  return { name, attributes, events, status };
}

/** A carrier that takes or refuses every text, and keeps what it was told in headers. */
async function carrier(status: number) {
  const heard: Record<string, unknown>[] = [];
  const server = createServer((req, res) => {
    heard.push(req.headers);
    req.resume().on('end', () => {
      res.writeHead(status, { 'content-type': 'application/vnd.api+json' });
      const id = 'mdr2-4a1b2c3d4e5f4a1b2c3d4e5f4a1b2c3d';
      const taken = { data: { id, type: 'message', links: {} } };
      const errors = [{ status: String(status), title: 'No', detail: '+12065550142 is not yours' }];
      res.end(JSON.stringify(status < 300 ? taken : { errors }));
    });
  });
  return { heard, ...(await listen(server)) };
}

async function texting(url: string) {
  const account = { accessKey: '12345678', secretKey: 'a'.repeat(32), from: '+12065550100' };
  const sender = flowrouteSender({ ...account, baseUrl: url });
  return startApp({ factor: { sender } });
}

test('[S212] the carrier gets the trace of the text in traceparent, and no baggage', async () => {
  setUp();
  const { heard, url } = await carrier(202);
  const app = await texting(url);
  const agent = app.agent();
  await signIn(agent);
  await agent.post(ROUTER.challenge).send({}).expect(202);
  const [span] = spans.getFinishedSpans();
  expect(span?.name).toBe('sms2fa.carrier');
  const { traceId, spanId } = span!.spanContext();
  expect(heard).toEqual([
    expect.objectContaining({ traceparent: `00-${traceId}-${spanId}-01` }) as object,
  ]);
  expect(Object.keys(heard[0] ?? {})).not.toEqual(expect.arrayContaining(['baggage']));
  expect(said(span!)).toMatchObject({ attributes: { 'sms2fa.channel': 'sms' }, events: [] });
});

test('[S212] a refused text is a failed span with one word for it, and none of the words of the carrier', async () => {
  setUp();
  const { url } = await carrier(403);
  const app = await texting(url);
  const agent = app.agent();
  await signIn(agent);
  await agent.post(ROUTER.challenge).send({}).expect(502);
  const [span] = spans.getFinishedSpans().map(said);
  expect(span).toEqual({
    name: 'sms2fa.carrier',
    attributes: { 'sms2fa.channel': 'sms', 'error.type': 'from_rejected' },
    events: [],
    status: { code: 2 },
  });
  const attempts = (await exported()).get('sms2fa.text.attempts');
  const refused = { 'sms2fa.outcome': 'refused', 'error.type': 'from_rejected' };
  expect(counted(attempts, refused)).toBe(1);
});

test('[S212] what a sender of the app calls its reason is no label', async () => {
  setUp();
  const sender = {
    send: () => {
      const reason = 'no route to +12065550142' as never;
      return Promise.reject(new SecondFactorError('delivery_failed', 'No.', { reason }));
    },
  };
  const app = await startApp({ factor: { sender } });
  const agent = app.agent();
  await signIn(agent);
  await agent.post(ROUTER.challenge).send({}).expect(502);
  const attempts = (await exported()).get('sms2fa.text.attempts') ?? [];
  expect(attempts.map(({ attributes }) => attributes['error.type'])).toEqual(['other']);
  expect(JSON.stringify(spans.getFinishedSpans().map(said))).not.toContain('555');
});

test('what a counter or a store fails with is timed, with one word for it', async () => {
  setUp();
  const away = (): Promise<never> => Promise.reject(new Error('redis-7.example is away'));
  await expect(guardedCounter({ settle: away }, Date.now).settle({})).rejects.toThrow('away');
  await expect(storeCall('sessionStore.get', away)).rejects.toThrow('away');
  const store = (await exported()).get('sms2fa.store.duration');
  for (const operation of ['counter.settle', 'sessionStore.get']) {
    const words = { 'sms2fa.operation': operation, 'error.type': 'store_unavailable' };
    expect(counted(store, words)).toBe(1);
  }
});

test('an SDK that is set up after the first text counts from then on, and one that throws fails nothing', async () => {
  const app = await startApp({ factor: { limits: MANY_TEXTS } });
  await verified(app, app.agent());
  setUp();
  expect(counted((await exported()).get('sms2fa.verifications'), {})).toBe(0);
  await verified(app, app.agent());
  expect(counted((await exported()).get('sms2fa.verifications'), {})).toBe(1);

  for (const api of [metrics, trace]) api.disable();
  const broken = (): never => {
    throw new Error('the SDK is broken');
  };
  metrics.setGlobalMeterProvider({ getMeter: broken });
  trace.setGlobalTracerProvider({ getTracer: broken });
  await verified(app, app.agent());
});

test('docs/metrics.md lists every metric with its unit, and no other', () => {
  const page = readFileSync(join(__dirname, '..', 'docs', 'metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(sms2fa\.[a-z.]+)` +\| (\w+) +\| `([^`]+)` +\|/gm)];
  const listed = rows.map(([, name, kind, unit]) => [name, kind, unit]);
  const made = Object.entries(METRICS).map(([name, [unit]]) => [
    name,
    name.endsWith('.duration') ? 'histogram' : 'counter',
    unit,
  ]);
  expect(listed).toEqual(made);
});

test('the dashboard asks for metrics that there are', () => {
  const path = join(__dirname, '..', 'docs', 'operations', 'grafana-dashboard.json');
  const text = readFileSync(path, 'utf8');
  const dashboard = JSON.parse(text) as { panels: { targets: { expr: string }[] }[] };
  expect(dashboard.panels.length).toBeGreaterThan(5);
  const suffix = { '{USD}': '_total', s: '_bucket' } as Record<string, string>;
  const names = Object.entries(METRICS).map(
    ([name, [unit]]) => name.replaceAll('.', '_') + (suffix[unit] ?? '_total'),
  );
  const asked = new Set([...text.matchAll(/\bsms2fa_[a-z0-9_]+?(?=[{[])/g)].map(([name]) => name));
  expect([...asked].filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name) => !asked.has(name))).toEqual([]);
});
