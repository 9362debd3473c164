import { inspect } from 'node:util';
import { memoryCounter } from '../../lib/counters/memory-counter';
import { FlowrouteClient } from '../../lib/flowroute/client';
import { KEYS } from '../senders/carrier-server';

const make = (changes: object) => () => new FlowrouteClient({ ...KEYS, ...changes });

test.each([
  [
    { accessKey: 'with space' },
    /accessKey .* is a string of 10 characters\. .* copy the API access key/,
  ],
  [
    { secretKey: undefined },
    /secretKey .* is undefined\. .* copy the API secret key .* variable is not set/,
  ],
  [{ apiVersion: 'v3' }, /apiVersion .* is "v3"\. Give one of .* leave it out/],
  [{ baseUrl: 'http://api.flowroute.com' }, /baseUrl .* is "http:.*"\. Give an https address/],
  [
    { baseUrl: 'https://api.flowroute.com/v2.2' },
    /baseUrl .*\. Leave \/v2\.2 out: apiVersion says it/,
  ],
  [{ baseUrl: 'https://proxy.example/sms/v2/messages/' }, /Leave \/v2\/messages\/ out/],
  [{ timeoutMs: 999 }, /timeoutMs .* is 999\. .*1000 to 30000, or leave it out/],
  [{ retries: 6 }, /retries .* is 6\. Give a whole number from 0.* to 5, or leave it out/],
  [{ retries: -1 }, /retries \}\) is /],
  [{ retries: 0.5 }, /retries \}\) is /],
  [{ counter: {} }, /counter .* is an object\. Give redisCounter/],
  [{ counter: null }, /counter .* is null/],
  [{ clock: 7 }, /clock .* is 7\. Give a function .* leave it out/],
  [
    { from: '12065550100' },
    /from .* is the string "12065550100"\. There is no such option\. There are accessKey, .*clock/,
  ],
])('%p is refused with option, value and cure', (changes, message) => {
  expect(make(changes)).toThrow(TypeError);
  expect(make(changes)).toThrow(message);
  expect(make(changes)).toThrow(/^passport-sms-2fa: FlowrouteClient\(\{ /);
});

test('every option may be left out or undefined, but for the keys', () => {
  const none = { apiVersion: undefined, baseUrl: undefined, timeoutMs: undefined };
  expect(make({ ...none, retries: undefined, counter: undefined, clock: undefined })).not.toThrow();
  expect(make({ retries: 0, counter: memoryCounter(), clock: Date.now })).not.toThrow();
});

test('[S144] the client shows no key', () => {
  const client = new FlowrouteClient(KEYS);
  const shown = inspect(client, { depth: 10, showHidden: true }) + JSON.stringify(client);
  expect(shown).not.toContain(KEYS.accessKey);
  expect(shown).not.toContain(KEYS.secretKey);
  expect(shown).not.toContain(btoa(`${KEYS.accessKey}:${KEYS.secretKey}`));
});
