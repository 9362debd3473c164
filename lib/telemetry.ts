/*
 * Metrics and a span through `@opentelemetry/api`, which an app may have or not. Nothing here can fail a
 * text or a request, and nothing is measured until an SDK was set up: by then the app has the package.
 *
 * What is said of a measurement is one word of a few. No number, address, code or id of anybody is
 * among them [S212].
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';

type Api = typeof import('@opentelemetry/api');

/** What is measured, by OpenTelemetry's conventions: names with dots, units of UCUM. docs/metrics.md lists it. */
export const METRICS = {
  'sms2fa.text.attempts': ['{text}', 'Codes that were handed to the carrier, or mailed.'],
  'sms2fa.text.cost': ['{USD}', 'What the carrier says that texts cost.'],
  'sms2fa.refusals': ['{refusal}', 'Codes that were not sent: a limit, a lock or the app refused.'],
  'sms2fa.deliveries': ['{receipt}', 'How far texts got, as the carrier says.'],
  'sms2fa.verifications': ['{verification}', 'What was tried at the gate, and how that ended.'],
  'sms2fa.locks': ['{lock}', 'Locks that wrong codes began.'],
  'sms2fa.changes': ['{change}', 'Changes of factors, recovery codes and trusted devices.'],
  'sms2fa.warnings': ['{warning}', 'What somebody should look at.'],
  'sms2fa.conversion.changes': ['{change}', 'Countries whose codes are not entered, or are again.'],
  'sms2fa.budget.alerts': ['{alert}', 'A budget over all texts is nearly used, or used up.'],
  'sms2fa.carrier.duration': ['s', 'How long the carrier, or the mail server, took for a message.'],
  'sms2fa.store.duration': ['s', 'How long the counter, a store or a question to the app took.'],
} as const satisfies Record<string, readonly [unit: string, description: string]>;

type MetricName = keyof typeof METRICS;
type DurationName = Extract<MetricName, `${string}.duration`>;
type CountName = Exclude<MetricName, DurationName>;

/** Words by their names; one that is `undefined` is left out. */
type Labels = Readonly<Record<string, string | undefined>>;

/** In seconds, as the conventions have it for calls of databases and over HTTP. */
const BOUNDARIES = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SCOPE = 'passport-sms-2fa';

/**
 * Where each copy of the API finds what was set up; it is there as soon as anything was. Who is asked
 * often looks for it first (`OPEN_TELEMETRY in globalThis`): elsewhere nothing of this file runs.
 */
export const OPEN_TELEMETRY = Symbol.for('opentelemetry.js.api.1');
let loaded: Api | undefined;
let isMissing = false;

function apiInUse(): Api | undefined {
  if (loaded !== undefined || isMissing || !(OPEN_TELEMETRY in globalThis)) return loaded;
  try {
    // Not by `require`: bundlers follow that, and complain where an app does without the package.
    const here = typeof __filename === 'string' ? __filename : join(process.cwd(), 'bundle.js');
    loaded = createRequire(here)('@opentelemetry/api') as Api;
  } catch {
    isMissing = true;
  }
  return loaded;
}

/** What goes wrong in an SDK is not for whoever waits for a text. */
function safely<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

type Named = Record<string, string>;

interface Instruments {
  count: Map<string, { add(by: number, labels: Named): void }>;
  record: Map<string, { record(seconds: number, labels: Named): void }>;
}

/** By the provider: an app may set its SDK up after the first text, or another one. */
const made = new WeakMap<object, Instruments>();

function instruments(api: Api): Instruments {
  const provider = api.metrics.getMeterProvider();
  const known = made.get(provider);
  if (known !== undefined) return known;
  const meter = provider.getMeter(SCOPE);
  const fresh: Instruments = { count: new Map(), record: new Map() };
  for (const [name, [unit, description]] of Object.entries(METRICS)) {
    const about = { unit, description };
    if (!isDuration(name)) fresh.count.set(name, meter.createCounter(name, about));
    else {
      const advice = { explicitBucketBoundaries: BOUNDARIES };
      fresh.record.set(name, meter.createHistogram(name, { ...about, advice }));
    }
  }
  made.set(provider, fresh);
  return fresh;
}

function isDuration(name: string): boolean {
  return name.endsWith('.duration');
}

/** Whatever has a digit or an @ in it is somebody's own, such as the reason of a sender of the app [S212]. */
const WORD = /^[A-Za-z][A-Za-z._-]{0,40}$/;

/** The words under their full names; `error.type` is one of the conventions' own. */
function named(labels: Labels): Named {
  const given: Named = {};
  for (const [name, word] of Object.entries(labels)) {
    if (word === undefined) continue;
    given[name === 'error.type' ? name : `sms2fa.${name}`] = WORD.test(word) ? word : 'other';
  }
  return given;
}

/** Counts something that happened. */
export function count(name: CountName, labels: Labels, by = 1): void {
  const api = apiInUse();
  if (api === undefined) return;
  safely(() => instruments(api).count.get(name)?.add(by, named(labels)));
}

/** Begins to time something; what it gives back is told how that ended. `undefined` where nobody listens. */
export function stopwatch(name: DurationName): ((labels: Labels) => void) | undefined {
  const api = apiInUse();
  if (api === undefined) return undefined;
  const began = performance.now();
  return (labels) => {
    const seconds = (performance.now() - began) / 1_000;
    safely(() => instruments(api).record.get(name)?.record(seconds, named(labels)));
  };
}

/**
 * Carries out a call of somebody else's service: timed, in a span of its own, which is active meanwhile.
 * `failed` says in one word why it failed.
 */
export async function outgoing<T>(
  name: DurationName,
  labels: Labels,
  call: () => Promise<T>,
  failed: (error: unknown) => string,
): Promise<T> {
  const api = apiInUse();
  if (api === undefined) return call();
  const ended = stopwatch(name);
  const span = safely(() => {
    const attributes = named(labels);
    const kind = api.SpanKind.CLIENT;
    return api.trace.getTracer(SCOPE).startSpan('sms2fa.carrier', { kind, attributes });
  });
  const active =
    span === undefined ? undefined : safely(() => api.trace.setSpan(api.context.active(), span));
  try {
    const done = await (active === undefined ? call() : api.context.with(active, call));
    ended?.(labels);
    return done;
  } catch (error) {
    const type = failed(error);
    ended?.({ ...labels, 'error.type': type });
    // Not the error itself: its words may be those of a carrier.
    safely(() => {
      span?.setAttributes(named({ 'error.type': type }));
      span?.setStatus({ code: api.SpanStatusCode.ERROR });
    });
    throw error;
  } finally {
    safely(() => span?.end());
  }
}

/**
 * The header that carries the active trace to another service (W3C Trace Context); none where nothing is
 * traced. `baggage` stays here: it is the app's, and may say who the user is.
 */
export function traceHeaders(): { traceparent?: string } {
  const api = apiInUse();
  if (api === undefined) return {};
  const context = safely(() => api.trace.getSpanContext(api.context.active()));
  if (context === undefined || !api.isSpanContextValid(context)) return {};
  const flags = context.traceFlags.toString(16).padStart(2, '0');
  return { traceparent: `00-${context.traceId}-${context.spanId}-${flags}` };
}
