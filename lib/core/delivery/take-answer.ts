import type { InboundText } from '../../ports/senders';
import type { TrustedDevice } from '../../ports/enrollments';
import { dropChallenge, spendByReport } from '../challenge/challenge';
import type { Core } from '../core';
import { TEXT_LIFETIME } from '../limits';
import { maskPhone } from '../outcomes';
import { successorsOf } from '../sessions';
import { saidWord } from '../typed';
import { forgetOptOut, rememberOptOut, textsByPhone, type SentText } from './sent-text';

/** What a text from a user means to the second factor. */
export type Answer = 'stop' | 'start' | 'help' | 'report';

/** The words that say it. */
export type AnswerWords = Record<Answer, readonly string[]>;

/** Revocation as 47 CFR 64.1200(a)(10) names it, and STOPALL; the words of the CTIA; "that was not me". */
export const DEFAULT_WORDS: AnswerWords = {
  stop: [...['STOP', 'STOP ALL', 'UNSUBSCRIBE', 'QUIT', 'CANCEL'], ...['END', 'REVOKE', 'OPT OUT']],
  start: ['START', 'UNSTOP', 'YES'],
  help: ['HELP', 'INFO'],
  report: [
    ...['NO', 'NOPE', 'NOT ME', "WASN'T ME", 'WAS NOT ME'],
    ...["IT WASN'T ME", "THAT WASN'T ME", "THIS WASN'T ME"],
  ],
};

/** What the carrier carries out by itself, whatever the app has set. */
const CARRIERS: Partial<AnswerWords> = { stop: ['STOP'], start: ['UNSTOP'] };

/** STOP first: whoever has set a word twice is not texted. */
const MEANINGS = ['stop', 'start', 'help', 'report'] as const satisfies Answer[];

/** What is said beside STOP out of courtesy. Not beside NO: who declines with thanks has not been robbed. */
const COURTESY = /^(?:PLEASE|PLS|PLZ)|(?:PLEASE|PLS|PLZ|THANKS|THANKYOU)$/;
/** How often somebody says it who is not heard. */
const MOST_TIMES = 4;

/**
 * What a text means that is one of the words, once or said again, and nothing else: no sentence stops
 * anything. Beside NO may stand the code that it is about.
 */
export function meaningOf(
  body: string,
  words: AnswerWords,
  codeLength: number,
): Answer | undefined {
  const said = saidWord(body);
  if (said === '') return undefined;
  const code = `[0-9]{${codeLength}}`;
  return MEANINGS.find((meaning) => {
    const forms = [said];
    if (meaning === 'stop') forms.push(said.replace(COURTESY, ''));
    if (meaning === 'report') {
      forms.push(said.replace(new RegExp(`${code}$`), ''));
      forms.push(said.replace(new RegExp(`^${code}(?=[^0-9])`), ''));
    }
    return [...words[meaning], ...(CARRIERS[meaning] ?? [])]
      .map(saidWord)
      .some((word) => forms.some((form) => isSaidAgain(form, word)));
  });
}

/** STOP, and STOP STOP; 11 is no 1. */
function isSaidAgain(said: string, word: string): boolean {
  const times = said.length / word.length;
  if (word.length < 2 && times !== 1) return false;
  return (
    Number.isInteger(times) && times >= 1 && times <= MOST_TIMES && word.repeat(times) === said
  );
}

/** The owner of the phone wants no texts: the carrier is not asked again until START. */
export async function takeOptOut(core: Core, text: InboundText): Promise<void> {
  await rememberOptOut(core, text.from, 'heard');
  const [newest] = await textsByPhone(core, text.from);
  if (newest === undefined) return;
  const { userId, purpose } = newest;
  core.emit('opted_out', { at: core.clock(), userId, purpose, phone: maskPhone(text.from) });
}

/** Answers whether there was a STOP to undo: else the word was meant for somebody else. */
export async function takeOptIn(core: Core, text: InboundText): Promise<boolean> {
  return forgetOptOut(core, text.from);
}

/** What an answer ends outside of the core. */
export interface Ends {
  session(sessionId: string): Promise<void>;
  /** The trusted device that the session passed by, if it did. */
  deviceOf(sessionId: string): Promise<string | undefined>;
  /** Ends the trust in those of the user's browsers. */
  devices(userId: string, which: (device: TrustedDevice) => boolean): Promise<void>;
}

/**
 * "That was not me": surely the newest text to this phone, and perhaps one that it covers. So of each
 * account that texted the phone within the hour the unused codes die, and so do the sessions that
 * asked for them, which know the password, under whatever id they went on. What is verified ends only
 * where the newest text of all was its own: a stranger who types this number in texts it as well, and
 * must not sign its owner out. Of the others the user is told, and decides.
 *
 * It takes away and never gives: who forges it can annoy, not get in.
 */
export async function takeReport(core: Core, text: InboundText, ends: Ends): Promise<void> {
  const texts = await textsByPhone(core, text.from);
  for (const userId of new Set(texts.map((sent) => sent.userId))) {
    const own = texts.filter((sent) => sent.userId === userId);
    await reportAccount(core, own, own[0] === texts[0], ends);
  }
}

/** A session that asked for texts, which come newest first. */
interface Asked {
  texts: SentText[];
  /** Every id that it has had since, its own first. */
  ids: string[];
  /** One of its codes had come back. */
  codeUsed: boolean;
}

/** Carries the answer out for one account, of whose texts the newest comes first. */
async function reportAccount(
  core: Core,
  texts: readonly SentText[],
  isNewest: boolean,
  ends: Ends,
): Promise<void> {
  const [newest] = texts;
  if (newest === undefined) return;
  const used = await killCodes(core, texts);
  const asked = await sessionsOf(core, texts, used);
  // The one that asked last, under its ids of before as well.
  const ofNewest = asked.filter(({ ids }) => ids.includes(newest.sessionId));
  for (const { texts: own, ids, codeUsed } of asked) {
    if (isNewest && own.includes(newest)) await endMeant(core, ofNewest, newest, ends);
    else if (!codeUsed && !(await isAnyVerified(core, ids))) await endAll(core, ids, ends);
  }
  const { userId, purpose, phone, ip, sessionId, challengeId, sentAt } = newest;
  // Told once, but last: what failed above is done when the carrier passes the same NO on again.
  const key = `${core.keyring.subjects.session(sessionId)}#told.${challengeId}`;
  const first = await core.counter.settle({ take: [{ key, window: TEXT_LIFETIME, limit: 1 }] });
  if (!first.ok) return;
  core.emit('reported', {
    ...{ at: core.clock(), userId, purpose, phone, ip },
    textedAt: sentAt,
    newest: isNewest,
    codeUsed: used.has(challengeId),
    earlierCodeUsed: asked.some((each) => each.codeUsed && !ofNewest.includes(each)),
  });
}

/** Kills every code of these texts. Answers with the challenges whose code had come back before. */
async function killCodes(core: Core, texts: readonly SentText[]): Promise<Set<string>> {
  const used = new Set<string>();
  const kill = async ({ challengeId, ...sent }: SentText): Promise<void> => {
    // Whoever spends it first wins: the code that comes back, or the report.
    const [{ codeUsed }] = await Promise.all([
      spendByReport(core, sent.sessionId, challengeId),
      dropChallenge(core, sent, sent.purpose),
    ]);
    if (codeUsed) used.add(challengeId);
  };
  const challenges = new Map(texts.map((sent) => [sent.challengeId, sent]));
  await Promise.all([...challenges.values()].map(kill));
  return used;
}

function sessionsOf(
  core: Core,
  texts: readonly SentText[],
  used: ReadonlySet<string>,
): Promise<Asked[]> {
  const ids = [...new Set(texts.map(({ sessionId }) => sessionId))];
  return Promise.all(
    ids.map(async (id) => {
      const own = texts.filter(({ sessionId }) => sessionId === id);
      const codeUsed = own.some(({ challengeId }) => used.has(challengeId));
      return { texts: own, ids: [id, ...(await successorsOf(core, id))], codeUsed };
    }),
  );
}

/**
 * Ends the session that asked for the newest text, verified or not, and the trust in browsers that
 * would bring its holder back: those trusted since it passed, and the one that it passed by.
 */
async function endMeant(
  core: Core,
  ofNewest: readonly Asked[],
  { userId, sessionId }: SentText,
  ends: Ends,
): Promise<void> {
  const ids = [sessionId, ...(await successorsOf(core, sessionId))];
  const passedBy = new Set(await Promise.all(ids.map((id) => ends.deviceOf(id))));
  passedBy.delete(undefined);
  await endAll(core, ids, ends);
  const passed = ofNewest.filter(({ codeUsed }) => codeUsed).flatMap(({ texts }) => texts);
  if (passed.length === 0 && passedBy.size === 0) return;
  const since = Math.min(...passed.map(({ sentAt }) => sentAt));
  await ends.devices(userId, ({ id, trustedAt }) => passedBy.has(id) || trustedAt >= since);
}

/** Ends these sessions, of which each took the place of the one before, and those that do meanwhile. */
async function endAll(core: Core, ids: readonly string[], ends: Ends): Promise<void> {
  for (const id of ids) await ends.session(id);
  // Looked for after the end: who goes on at the same time is known by now, or sees the end.
  for (const id of await successorsOf(core, ids[0] ?? '')) {
    if (!ids.includes(id)) await ends.session(id);
  }
}

/** Whether any of these sessions has passed a second factor, by whatever way. */
async function isAnyVerified({ keyring, records }: Core, ids: readonly string[]): Promise<boolean> {
  const live = await Promise.all(ids.map((id) => records.get(keyring.recordKey('live', id))));
  return live.some((record) => record !== undefined);
}
