import { createKeyring, namespaceOf } from '../../lib/core/keyring';
import { SECRET } from '../helpers/app';
import { codeFor } from './code-for';
import type { Answer } from './jar';
import type { Expected, Model } from './model';
import { TYPED, type CodeStep, type SendStep, type Step } from './steps';
import type { UserName, World } from './world';

const PATHS = {
  send: '/second-factor/challenge',
  verify: '/second-factor/verify',
  enroll: '/second-factor/enrollment',
  confirm: '/second-factor/enrollment/verify',
};

/** Carries one command out, in the world and in the model, and compares the two. */
export async function carryOut(step: Step, world: World, model: Model): Promise<void> {
  switch (step.do) {
    case 'sign in':
      return signIn(step, world, model);
    case 'switch user':
      await world.ask(step.jar, 'POST', '/plant', { passport: { user: step.user } });
      // A fault may have swallowed the change, or not.
      if (world.faulty) model.certain = false;
      else model.switchUser(step.jar, step.user);
      return;
    case 'log out':
      return logOut(step, world, model);
    case 'send':
    case 'enroll':
      return text(step, world, model);
    case 'verify':
    case 'confirm':
      return type(step, world, model);
    case 'remove': {
      const answer = await world.ask(step.jar, 'DELETE', PATHS.enroll);
      agree(world, model, [answer], () => model.remove(step.jar));
      return;
    }
    case 'resurrect':
      return world.whileSlow(step.jar, async () => {
        if (step.by === 'log out') await logOut(step, world, model);
        else if (step.by === 'sign in') await signIn({ ...step, user: 'B' }, world, model);
        else await type({ ...step, do: 'verify', code: 'right', copies: 1 }, world, model);
        await pass(world, model, step.seconds);
      });
    case 'advance':
      return pass(world, model, step.seconds);
    case 'out of band': {
      const phone = world.changeOutOfBand(step.user, step.what);
      model.changeOutOfBand(step.user, step.what, phone);
      return;
    }
    case 'fault':
      world.plan(step);
  }
}

async function signIn({ jar, user }: { jar: number; user: UserName }, world: World, model: Model) {
  const answer = await world.ask(jar, 'POST', '/login', { username: user, password: 'right' });
  if (answer.status === 200) world.invariants.ended(jar);
  agree(world, model, [answer], () => {
    model.signIn(jar, user);
    return { status: 200 };
  });
}

async function logOut({ jar }: { jar: number }, world: World, model: Model): Promise<void> {
  const answer = await world.ask(jar, 'POST', '/logout');
  if (answer.status === 200) world.invariants.ended(jar);
  agree(world, model, [answer], () => {
    model.logOut(jar);
    return { status: 200 };
  });
}

async function text(step: SendStep, world: World, model: Model): Promise<void> {
  const { jar, copies } = step;
  const phone = step.do === 'enroll' ? TYPED[step.phone] : undefined;
  const answers = await manyTimes(world, jar, PATHS[step.do], copies, [{ phone }]);
  const road = step.do === 'enroll' ? 'confirm' : 'verify';
  const sent = world.newTexts();
  const known = world.jar(jar).codes[road];
  let again: string | undefined;
  agree(world, model, answers, () => {
    const expected = phone === undefined ? model.send(jar) : model.enroll(jar, phone);
    again = expected.again;
    if (expected.status !== 202) return expected;
    const code = sent[0]?.code ?? '';
    if (sent.length !== 1) throw new Error(`${sent.length} texts went out, not one`);
    const right = again === undefined ? !known.includes(code) : again === code;
    if (!right) throw new Error(`the text carries ${code}, not ${again ?? 'a new code'}`);
    model.texted(jar, road, code);
    return expected;
  });
  if (model.certain && answers[0] !== undefined && sent.length > 0) {
    const accepted = answers.filter(({ status }) => status === 202).length;
    if (accepted !== sent.length) throw new Error(`${accepted} sends, ${sent.length} texts`);
  }
  for (const { code } of sent) if (code !== known[0]) known.unshift(code);
}

async function pass(world: World, model: Model, seconds: number): Promise<void> {
  await world.app.clock.advance(seconds);
  model.now += seconds * 1_000;
}

/** For how many seconds a right code may be sent again. */
const REPEATABLE = 10;

async function type(step: CodeStep, world: World, model: Model): Promise<void> {
  const { jar, do: road, copies } = step;
  const typed = codeFor(step, world);
  const bodies = typed.map((code) => ({ code }));
  const matched = await manyTimes(world, jar, PATHS[road], copies, bodies);
  const ok = sessionsIn(matched);
  const [code = ''] = typed;
  world.invariants.codes(jar, code, ok, world.faulty, world.factorOf);
  if (step.code === 'malformed') {
    agree(world, model, matched, () => malformed(model, jar));
    return;
  }
  const user = model.sessions[jar]?.user;
  let compares = 0;
  agree(world, model, matched, () => {
    const each = typed.map((code) => model[road](jar, code));
    compares = each.filter(
      ({ code, status }) => status === 200 || code === 'code_incorrect',
    ).length;
    return each[0] ?? { status: 0 };
  });
  // Until then the same code gets the same answer; here each success stands for itself.
  if (ok > 0) await pass(world, model, REPEATABLE);
  if (!model.certain || step.copies === 1) return;
  if (ok > 0 && user !== undefined) user.failures = await leftOver(world, user.name, copies);
  else if (world.invariants.compared !== compares) {
    throw new Error(`${world.invariants.compared} codes were compared, not ${compares}`);
  }
}

/**
 * Copies of a right code that arrive in the same moment are guesses, too; those that were counted
 * after the success cleared the failures stay counted. How many is a matter of chance, so it is
 * read from the counter. None may have begun a lock.
 */
async function leftOver(world: World, name: string, copies: number): Promise<number> {
  const { prefix } = world.app.store as { prefix?: unknown };
  const namespace = namespaceOf(prefix, 'Acme', 'acme.example');
  const user = createKeyring([SECRET], namespace).subjects.user(`id-of-${name}`);
  const [fails, lock] = [`${user}#fails`, `${user}#lock`];
  const { read } = await world.counter.settle({ read: [fails, lock] });
  if (read.has(lock)) throw new Error('a success was followed by a lock');
  const left = read.get(fails)?.count ?? 0;
  if (left >= copies) throw new Error(`${left} failures are left of ${copies} right codes`);
  return left;
}

async function manyTimes(
  world: World,
  jar: number,
  path: string,
  copies: number,
  bodies: object[],
): Promise<Answer[]> {
  if (copies === 1) return [await world.ask(jar, 'POST', path, bodies[0])];
  return world.askAtOnce(jar, path, copies, bodies);
}

function malformed(model: Model, jar: number): Expected {
  if (model.sessions[jar]?.user === undefined) return { status: 401, code: 'not_authenticated' };
  return { status: 400, code: 'code_malformed' };
}

/** The sessions that successful answers lead to: answers to copies of a code lead to the same one. */
function sessionsIn(answers: Answer[]): number {
  const led = answers.filter(({ status }) => status < 300);
  return new Set(led.map(({ cookie }, index) => cookie ?? index)).size;
}

/**
 * Asks the model, unless something broke. One answer must be the expected one; of many answers to
 * the same request exactly one, where a success is expected, and none else.
 */
function agree(world: World, model: Model, answers: Answer[], expect: () => Expected): void {
  if (world.faulty) model.certain = false;
  if (!model.certain) return;
  const expected = expect();
  const given = answers.map(({ status, body: { code, attemptsLeft } }) => ({
    status,
    ...(code === undefined ? {} : { code }),
    ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
  }));
  const wanted = { status: expected.status, ...pick(expected) };
  const said = `answered ${JSON.stringify(given)}, not ${JSON.stringify(wanted)}`;
  if (given.length === 1) {
    if (JSON.stringify(given[0]) !== JSON.stringify(wanted)) throw new Error(said);
    return;
  }
  const successes = sessionsIn(answers);
  if (successes !== (expected.status < 300 ? 1 : 0)) throw new Error(said);
}

function pick({ code, attemptsLeft }: Expected): Omit<Expected, 'status'> {
  return {
    ...(code === undefined ? {} : { code }),
    ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
  };
}
