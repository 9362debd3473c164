import { isIP } from 'node:net';
import { helpText, PLAIN_TEXT } from '../core/challenge/message';
import type { Answers } from '../core/core';
import { DEFAULT_WORDS, type AnswerWords } from '../core/delivery/take-answer';
import { saidWord } from '../core/typed';
import { own } from '../core/untrusted';
import { inCall, misuse, refuseUnknown } from '../misuse';
import { checkFunction, isList, ownOr } from './check-values';
import type { Settings } from './options';
import type { WebhookOptions } from './verb-options';

/** The options of `webhooks()`, complete. */
export interface CheckedWebhooks extends Pick<WebhookOptions, 'onInbound' | 'addresses'> {
  words: AnswerWords;
  answers: Answers;
}

const ANSWERS = ['stop', 'start', 'help', 'report'] as const satisfies (keyof AnswerWords)[];
const LONGEST_WORD = 20;

/** Checks the options of `webhooks()` when it is mounted. */
export function checkWebhooks(
  given: WebhookOptions = {},
  settings: Pick<Settings, 'appName' | 'domain' | 'links' | 'locales'>,
): CheckedWebhooks {
  const names = ANSWERS.map((answer) => `${answer}Words` as const);
  refuseUnknown(inCall('webhooks'), given, ['onInbound', 'addresses', 'help', ...names]);
  const onInbound = checkFunction('webhooks({ onInbound })', own(given, 'onInbound'));
  const words = checkWords(given);
  const [reportWord] = words.report;
  const help = checkHelp(own(given, 'help'), settings);
  const answers = { reportWord, help: words.help.length === 0 ? undefined : help };
  const addresses = own(given, 'addresses');
  if (addresses !== undefined && !isList(addresses, (address) => isIP(address) !== 0)) {
    throw misuse('webhooks({ addresses })', addresses, "Give IP addresses, such as ['192.0.2.1'].");
  }
  return Object.freeze({ onInbound, words, answers, addresses }) as CheckedWebhooks;
}

/** The text that answers HELP; `undefined` where none does. */
function checkHelp(
  given: unknown,
  settings: Pick<Settings, 'appName' | 'domain' | 'links' | 'locales'>,
): string | undefined {
  const { appName, domain, locales } = settings;
  const { support } = settings.links;
  if (given === false) return undefined;
  // Whoever texts HELP has told nobody their language.
  const { sayText: say } = locales.best([]);
  if (given === undefined) {
    // Texts have no links but whole ones: a path needs the host in front of it.
    const host = support?.startsWith('/') === true ? domain && domain + support : support;
    const help = host?.replace(/^https:\/\//, '') ?? domain;
    const known = help !== undefined && PLAIN_TEXT.test(help) ? help : undefined;
    return helpText({ appName, help: known }, say) ?? helpText({ appName, help: undefined }, say);
  }
  const isPlain = typeof given === 'string' && PLAIN_TEXT.test(given) && given.trim() === given;
  const text = isPlain ? helpText({ appName, help: given }, say) : undefined;
  if (text !== undefined) return text;
  const cure =
    'Give an address, a number or a mail address in plain ASCII, short enough for one text of 160 characters, or false.';
  throw misuse('webhooks({ help })', given, cure);
}

/** No word may say two things: whoever has set it would never know which. */
function checkWords(given: object): AnswerWords {
  const taken = new Map<string, string>();
  const words = ANSWERS.map((answer) => {
    const name = `${answer}Words`;
    const list = ownOr(given, name, DEFAULT_WORDS[answer]);
    const isWord = (word: string): boolean => word.length <= LONGEST_WORD && saidWord(word) !== '';
    if (!isList(list, isWord)) {
      const cure = `Give words of at most ${LONGEST_WORD} characters, such as ${JSON.stringify(DEFAULT_WORDS[answer].slice(0, 2))}.`;
      throw misuse(`webhooks({ ${name} })`, list, cure);
    }
    for (const word of list as string[]) {
      const other = taken.get(saidWord(word)) ?? name;
      if (other !== name) {
        const cure = `${JSON.stringify(word)} stands in ${other}, too: take it out of one of them.`;
        throw misuse(`webhooks({ ${name} })`, list, cure);
      }
      taken.set(saidWord(word), name);
    }
    return [answer, Object.freeze([...(list as string[])])] as const;
  });
  return Object.freeze(Object.fromEntries(words)) as unknown as AnswerWords;
}
