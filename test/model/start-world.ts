import { inspect } from 'node:util';
import {
  mapEnrollments,
  outboxSender,
  SecondFactorError,
  type Enrollment,
  type EventName,
} from '../../lib';
import { enrolled, PHONES, startApp } from '../helpers/app';
import { faultsOf } from '../helpers/faults';
import { breakable } from './breakable';
import { Invariants } from './invariants';
import type { Numbers } from './accounts';
import { routes } from './routes';
import { overNetwork, type Stores } from './stores';
import { World } from './world';

export interface Setting {
  numbers: Numbers;
  /** A and B have the same phone. */
  shared: boolean;
}

const EVENTS: EventName[] = [
  'sent',
  'send_refused',
  'verified',
  'failed',
  'locked',
  'disabled',
  'enrolled',
  'replaced',
  'removed',
  'conversion_low',
  'budget_alert',
  'store_failed',
];

/** A fresh app with its world; to be closed afterwards. */
export async function startWorld(stores: Stores, { numbers, shared }: Setting): Promise<World> {
  const phones = Object.values(PHONES);
  const invariants = new Invariants(numbers, stores.clock, phones);
  const sessionFaults = faultsOf(stores.store);
  const enrollments = new Map<string, Enrollment>();
  const outbox = outboxSender();
  const sms = breakable(
    outbox,
    () =>
      new SecondFactorError('delivery_failed', 'the fault of the test', {
        reason: 'unavailable',
        refused: true,
      }),
  );
  const counter = breakable(overNetwork(stores.counter, invariants));
  const kept = breakable(mapEnrollments(enrollments));
  const events = new Map<string, number>();
  const world: { it?: World } = {};
  const app = await startApp({
    store: stores.store,
    clock: stores.clock,
    enroll: false,
    factor: {
      sender: sms.whole,
      counter: counter.whole,
      enrollments: kept.whole,
      // Ten digits, so that no chance makes one code another or shows it in other digits. The
      // conversion guard, which would answer 503, has tests of its own.
      limits: {
        codeLength: 10,
        conversionPerCountry: { hour: 1_000, day: 1_000 },
        conversionPerBlock: { hour: 1_000, day: 1_000 },
        ...numbers,
      },
    },
    after: (express, factor) => routes(express, factor, () => world.it?.hold()),
  });
  enrollments.set('id-of-A', enrolled(PHONES.A));
  enrollments.set('id-of-B', enrolled(shared ? PHONES.A : PHONES.B));
  for (const name of EVENTS) {
    app.secondFactor.on(name, (facts) => {
      invariants.shown(`the event ${name}`, inspect(facts, { depth: 8 }));
      events.set(name, (events.get(name) ?? 0) + 1);
    });
  }
  const own = { ...app, outbox, enrollments };
  const faults = { session: sessionFaults, counter, enrollments: kept, sms };
  world.it = new World(own, invariants, faults, stores, events);
  return world.it;
}
