import { createSecondFactor } from '../../lib';
import { en } from '../../lib/locales/en';
import { fewestOptions } from '../helpers/app';
import { pseudo } from '../locales/pseudo';

const make = (options: object) =>
  createSecondFactor({
    ...fewestOptions(),
    ...options,
  });
const { 'manage.off': _left, ...most } = pseudo;

test.each<[string, object, RegExp]>([
  ['a page that there is not', { views: { chalenge: 'x' } }, /views\.chalenge .*`challenge`/],
  [
    'no name of a view',
    { views: { manage: '' } },
    /views\.manage is an? empty string|views\.manage is ""/,
  ],
  ['a number for a view', { views: { manage: 7 } }, /views\.manage is 7\. Give the name/],
  ['a tag that is none', { messages: { 'not a tag': {} } }, /messages\["not a tag"\].*Intl knows/],
  [
    'a language that Intl does not know',
    { messages: { xx: pseudo } },
    /messages\["xx"\].*Intl knows/,
  ],
  ['a tag with a calendar', { messages: { 'en-u-ca-buddhist': {} } }, /Intl knows/],
  ['a tag in another spelling', { messages: { 'PT-br': pseudo } }, /Write the language as 'pt-BR'/],
  [
    'a new language with a sentence missing',
    { messages: { pt: most } },
    /messages\["pt"\]\["manage\.off"\] is undefined.*all sentences/,
  ],
  [
    'a sentence that there is not',
    { messages: { en: { 'frame.bakc': 'x' } } },
    /messages\["en"\]\["frame\.bakc"\].*`frame\.back`/,
  ],
  [
    'a sentence that is empty',
    { messages: { en: { 'frame.back': ' ' } } },
    /Give the sentence as a string/,
  ],
  [
    'a template that cannot be read',
    { messages: { en: { 'frame.back': 'a {' } } },
    /It cannot be read/,
  ],
  [
    'a fact that there is not',
    { messages: { en: { 'frame.back': '{name}' } } },
    /There is no \{name\} in it; there is nothing/,
  ],
  [
    'a text without its code',
    { messages: { en: { 'text.code.sign-in': 'Hello' } } },
    /It has to say \{code\}/,
  ],
  [
    'a text that gets too long',
    { messages: { en: { 'text.code.enroll': `{code} ${'x'.repeat(200)}` } } },
    /longer than 160/,
  ],
])('%s is refused at start', (_what, options, message) => {
  expect(() => make(options)).toThrow(TypeError);
  expect(() => make(options)).toThrow(message);
});

test('whole languages, parts of known ones and kinds of a new one are taken', () => {
  const messages = {
    en: { 'frame.back': 'Go back' },
    'en-GB': {},
    pt: pseudo,
    'pt-BR': { 'frame.back': 'Voltar' },
  };
  expect(() =>
    make({ messages, views: { manage: 'x', resume: () => 'x', message: undefined } }),
  ).not.toThrow();
  expect(Object.keys(en).length).toBeGreaterThan(150);
});
