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
  const answers = { reportWord, ...(words.help.length === 0 ? {} : help) };
  const addresses = own(given, 'addresses');
  if (addresses !== undefined && !isList(addresses, (address) => isIP(address) !== 0)) {
    throw misuse('webhooks({ addresses })', addresses, "Give IP addresses, such as ['192.0.2.1'].");
  }
  return Object.freeze({ onInbound, words, answers, addresses }) as CheckedWebhooks;
}

/** The text that answers HELP, in English and in any other language; nothing where none does. */
function checkHelp(
  given: unknown,
  settings: Pick<Settings, 'appName' | 'domain' | 'links' | 'locales'>,
): Pick<Answers, 'help' | 'helpIn'> {
  const { appName, locales } = settings;
  if (given === false) return {};
  const where = given === undefined ? placeOfHelp(settings) : given;
  const isPlain =
    typeof where === 'string' &&
    PLAIN_TEXT.test(where) &&
    (given === undefined || where.trim() === where);
  const known = isPlain ? where : undefined;
  const helpIn = (lang?: string): string | undefined => {
    const { sayText: say } = locales.best(lang === undefined ? [] : [lang]);
    const named = helpText({ appName, help: known }, say);
    return named ?? (given === undefined ? helpText({ appName, help: undefined }, say) : undefined);
  };
  const help = helpIn();
  if (given === undefined || (isPlain && help !== undefined)) return { help, helpIn };
  const cure =
    'Give an address, a number or a mail address in plain ASCII, short enough for one text of 160 characters, or false.';
  throw misuse('webhooks({ help })', given, cure);
}

/** Texts have no links but whole ones: a path needs the host in front of it. */
function placeOfHelp({ domain, links }: Pick<Settings, 'domain' | 'links'>): string | undefined {
  const { support } = links;
  const whole = support?.startsWith('/') === true ? domain && domain + support : support;
  return whole?.replace(/^https:\/\//, '') ?? domain;
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
