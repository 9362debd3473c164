import { explainAnswer } from '../../lib/flowroute/refusals';
import type { Subject } from '../../lib/flowroute/requests';

const TEXT = { kind: 'text', from: '12065550100', to: '12065550142', hidden: [] } as const;
const CHANGE = { kind: 'change', hidden: [] } as const;
const READ = { kind: 'read', hidden: [] } as const;
const settings = {
  accessKey: 'key',
  secretKey: 'secret',
  apiVersion: 'v2.2',
  baseUrl: 'https://carrier.example',
  timeoutMs: undefined,
} as const;

function explain(status: number, subject: Subject, detail = 'No.') {
  const text = JSON.stringify({ errors: [{ title: 'Refused', detail }] });
  const answer = { status, text, html: false, json: true, retryAfter: undefined };
  return explainAnswer(answer, { settings, subject, secrets: [], now: 0 }).error;
}

const CALLBACK = /^Check the address of the callback: it must be https/;

test.each<[number, Subject, RegExp]>([
  [400, TEXT, /^Check from, and what the text says/],
  [400, CHANGE, CALLBACK],
  [400, READ, /^Check what was asked for: ids, numbers and dates/],
  [403, CHANGE, /these API keys may do that/],
  [403, READ, /these API keys may do that/],
  [404, TEXT, /^Check baseUrl and apiVersion \(v2\.2\)/],
  [404, CHANGE, /^Check baseUrl and apiVersion/],
  [405, TEXT, /^Check baseUrl and apiVersion/],
  [406, TEXT, /a proxy on the way/],
  [408, TEXT, /a slow network or proxy/],
  [409, TEXT, /^Wait a little: it collides/],
  [409, CHANGE, /^Wait a little: it collides/],
  [410, TEXT, /^Check baseUrl and apiVersion/],
  [411, TEXT, /a proxy on the way/],
  [412, CHANGE, /a proxy on the way/],
  [413, TEXT, /a shorter text, fewer or smaller pictures/],
  [415, TEXT, /a proxy on the way/],
  [417, TEXT, /a proxy on the way/],
  [422, CHANGE, CALLBACK],
  [423, CHANGE, /^Wait a little: it collides/],
  [425, TEXT, /^Wait a little: it collides/],
  [431, TEXT, /a proxy on the way/],
])('the cure of %i of %j fits both', (status, subject, cure) => {
  const error = explain(status, subject);
  expect(error.cure).toMatch(cure);
  expect(error.message).toContain(`(${status})`);
  // What was not taken in time may have been taken.
  expect(error.refused).toBe(status !== 408 || subject.kind === 'read');
});

test.each([
  'dlr_callback must be a URL.',
  "'dlr_callback' is not reachable",
  'The callback URL is invalid',
  'callback_url: not https',
  'bad sms_dlr_callback',
])('[S195] %j is about the callback, and not about from', (detail) => {
  for (const status of [400, 403, 422]) {
    expect(explain(status, TEXT, detail)).toMatchObject({
      reason: 'rejected',
      refused: true,
      cure: expect.stringMatching(CALLBACK),
    });
  }
});

test('where the from number is named beside it, that is what it is about', () => {
  const error = explain(422, TEXT, 'The from number has no callback and is not registered');
  expect(error.reason).toBe('from_rejected');
});
