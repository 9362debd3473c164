import type { Model } from './model';
import { JARS, type World } from './world';

const ENDLESS = Number.MAX_SAFE_INTEGER;

/** Looks at everything from outside, after each command. */
export async function lookAround(world: World, model: Model, acting: number): Promise<void> {
  for (let jar = 0; jar < JARS; jar += 1) {
    if (world.jar(jar).cookie === '') continue;
    await lookAtGate(world, model, jar, jar === acting);
  }
  for (const cookie of world.jar(acting).ended) {
    const { status } = await world.askWith(cookie, 'GET', '/who');
    world.invariants.hold('I3', status !== 200, 'the cookie of an ended session opens the gate');
  }
  await lookAtStatus(world, model, acting);
  await world.checkLifetimes();
}

async function lookAtGate(world: World, model: Model, jar: number, stepUp: boolean): Promise<void> {
  const answer = await world.ask(jar, 'GET', '/who');
  const id = String(answer.body.user);
  const cached = world.mayBeCached(answer.status === 200 ? id : userOf(model, jar));
  if (answer.status === 200) {
    world.invariants.open(jar, id, ENDLESS, world.factorOf(id), cached);
  }
  if (stepUp)
    await lookAtStepUp(world, model, jar, answer.status === 200 ? id : userOf(model, jar));
  if (!model.certain || cached) return;
  const expected = model.gate(jar);
  const right = answer.status === expected.status && answer.body.code === expected.code;
  const said = `${answer.status} ${String(answer.body.code)}`;
  if (!right) throw new Error(`the gate of jar ${jar} says ${said}, not ${show(expected)}`);
}

async function lookAtStepUp(world: World, model: Model, jar: number, user: string) {
  const { status } = await world.ask(jar, 'POST', '/transfer');
  const cached = world.mayBeCached(user);
  if (status === 200) world.invariants.open(jar, user, 300_000, world.factorOf(user), cached);
  if (!model.certain || cached || (status === 200) === model.isFresh(jar, 300)) return;
  throw new Error(`the step-up of jar ${jar} is answered with ${status}`);
}

async function lookAtStatus(world: World, model: Model, jar: number): Promise<void> {
  const { status, body } = await world.ask(jar, 'GET', '/second-factor');
  const user = model.sessions[jar]?.user;
  if (!model.certain) return;
  if (user === undefined) {
    if (status !== 401) throw new Error(`the status of nobody is ${status}`);
    return;
  }
  const open = model.pending(jar);
  const challenge = body.challenge as { purpose: string; attemptsLeft: number } | undefined;
  const given = {
    enrolled: body.enrolled,
    verified: body.verified,
    locked: body.lockedUntil !== undefined,
    ...(open === undefined ? {} : { ...pick(challenge) }),
  };
  const wanted = {
    enrolled: user.factor !== undefined,
    verified: model.gate(jar).status === 200,
    locked: !user.disabled && model.now < user.lockedUntil,
    ...open,
  };
  if (JSON.stringify(given) !== JSON.stringify(wanted)) {
    throw new Error(`the status says ${show(given)}, not ${show(wanted)}`);
  }
}

const userOf = (model: Model, jar: number): string =>
  `id-of-${model.sessions[jar]?.user?.name ?? 'A'}`;

const show = (value: object): string => JSON.stringify(value);

function pick(challenge: { purpose: string; attemptsLeft: number } | undefined) {
  return { purpose: challenge?.purpose, attemptsLeft: challenge?.attemptsLeft };
}
