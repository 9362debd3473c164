import { inspect } from 'node:util';
import { memoryCounter } from '../../lib/counters/memory-counter';
import { FlowrouteClient } from '../../lib/flowroute/client';
import { KEYS } from '../senders/carrier-server';

const make = (changes: object) => () => new FlowrouteClient({ ...KEYS, ...changes });

test.each([
  [{ accessKey: 'with space' }, /accessKey must be .* Copy the API access key/],
  [{ secretKey: undefined }, /secretKey must be .* but is undefined\. Copy the API secret key/],
  [{ apiVersion: 'v3' }, /apiVersion must be one of .* but is 'v3'\. Leave it out/],
  [{ baseUrl: 'http://api.flowroute.com' }, /baseUrl must be an https address, but is 'http:/],
  [{ timeoutMs: 999 }, /timeoutMs must be .*1000 to 30000, but is 999\. Leave it out/],
  [{ retries: 6 }, /retries must be a whole number from 0 to 5, but is 6\. Leave it out/],
  [{ retries: -1 }, /retries must be/],
  [{ retries: 0.5 }, /retries must be/],
  [{ counter: {} }, /counter must be a Counter, but is an object\. Give redisCounter/],
  [{ counter: null }, /counter must be a Counter, but is null/],
  [{ clock: 7 }, /clock must be a function .* but is 7\. Leave it out/],
  [{ from: '12065550100' }, /there is no option 'from'\. Use accessKey, .*clock/],
])('%p is refused with option, value and cure', (changes, message) => {
  expect(make(changes)).toThrow(TypeError);
  expect(make(changes)).toThrow(message);
  expect(make(changes)).toThrow(/^FlowrouteClient: /);
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
