import { newRecoveryCodes, recoveryCodesOf } from '../../../lib/core/enroll/recovery-codes';
import { refuse } from '../../../lib/core/outcomes';
import type { Exchange } from '../../../lib/express/router/exchange';
import {
  codesPath,
  downloadRecoveryCodes,
  keepCodes,
  recover,
  renewRecoveryCodes,
  showRecoveryCodes,
} from '../../../lib/express/router/recovery-routes';
import { markIn } from '../../../lib/express/session-state';
import type { Enrollment } from '../../../lib/ports/enrollments';
import { enrollmentOf, giveRecoveryCodes, PHONE, requester, START } from '../../helpers/core';
import { gateWorld, type GateWorld } from '../gate-world';
import { exchangeIn, posted } from './exchange-world';

let world: GateWorld;
beforeEach(() => {
  world = gateWorld();
  world.users.set('A', enrollmentOf());
});
const none = { mark: false } as const;
const json = { json: true };
const stale = { mark: { verifiedAt: START - 601_000 } };
const CODES = '/second-factor/recovery-codes';
const to = (location: string) => ({ ok: true, status: 200, location });
const HERE = { headers: { host: 'acme.example', 'sec-fetch-site': 'same-origin' } };
const comeBackTo = ({ req }: Exchange, path: string): void => {
  (req.session as unknown as Record<string, string>).returnTo = path;
};

/** Codes that were made in this session, or another one, and wait to be kept. */
function make(sessionId = 'sid', more: Partial<Enrollment> = {}): { id: string; codes: string[] } {
  const set = newRecoveryCodes(world.core, requester('A', { sessionId }));
  world.users.set('A', { ...enrollmentOf(PHONE), newRecoveryCodes: set, ...more });
  return { id: set.id, codes: recoveryCodesOf(world.core, 'A', set)! };
}

describe('POST /recovery', () => {
  test.each([undefined, 7, ['1']])('takes fields, and no %j', async (body) => {
    const exchange = await exchangeIn(world, { ...none, ...posted({}), body });
    expect(await recover(exchange)).toEqual(refuse('request_malformed'));
  });

  test('reads a code as one, before anything is counted', async () => {
    const exchange = await exchangeIn(world, { ...none, ...posted({ recoveryCode: 'abc' }) });
    expect(await recover(exchange)).toMatchObject({
      code: 'code_malformed',
      detail: { say: 'detail.recoveryMalformed' },
    });
    expect(world.added).toEqual([]);
  });

  test('with a right one verifies the session, and says how many are left', async () => {
    const [recoveryCode] = giveRecoveryCodes(world);
    const exchange = await exchangeIn(world, { ...none, ...posted({ recoveryCode }) });
    comeBackTo(exchange, '/secret');
    const document = { verified: true, returnTo: '/secret', recoveryCodesLeft: 9 };
    expect(await recover(exchange)).toEqual({ ...to('/secret'), document });
    expect(markIn(exchange.req)).toMatchObject({ userId: 'A', amr: ['recovery'] });
  });

  test('with a wrong one is a wrong code, for a session that has passed as well', async () => {
    giveRecoveryCodes(world);
    const wrong = posted({ recoveryCode: '0000-0000-0000-0000' });
    expect(await recover(await exchangeIn(world, { ...none, ...wrong }))).toMatchObject({
      code: 'code_incorrect',
    });
    expect(await recover(await exchangeIn(world, { ...json, ...wrong }))).toMatchObject({
      code: 'code_incorrect',
    });
  });

  test('leads a tab on whose session has passed: its code was used a moment ago', async () => {
    giveRecoveryCodes(world);
    const wrong = posted({ recoveryCode: '0000-0000-0000-0000' });
    expect(await recover(await exchangeIn(world, wrong))).toEqual(to('/'));
    world = gateWorld({}, { recoveryPerSession: [{ count: 1, seconds: 60 }] });
    giveRecoveryCodes(world);
    expect(await recover(await exchangeIn(world, wrong))).toEqual(to('/'));
    expect(await recover(await exchangeIn(world, wrong))).toMatchObject({
      code: 'too_many_attempts',
    });
  });
});

describe('POST /recovery-codes', () => {
  test('makes new ones, which are shown by a page of their own', async () => {
    expect(await renewRecoveryCodes(await exchangeIn(world, posted({})))).toEqual({
      ...to(CODES),
      document: { recoveryCodes: expect.any(Array), acknowledged: false },
    });
    expect(world.users.get('A')!.newRecoveryCodes).toMatchObject({ madeAt: START });
    expect(codesPath(world.edge)).toBe(CODES);
  });

  test.each([none, stale])('not without a fresh factor: %j', async (more) => {
    expect(await renewRecoveryCodes(await exchangeIn(world, { ...more, ...posted({}) }))).toEqual(
      refuse('fresh_second_factor_required'),
    );
    expect(world.users.get('A')).not.toHaveProperty('newRecoveryCodes');
  });
});

describe('[S178] GET /recovery-codes', () => {
  test('shows those that were made in this session', async () => {
    const { codes } = make();
    expect(await showRecoveryCodes(await exchangeIn(world, json))).toEqual({
      ok: true,
      status: 200,
      document: { recoveryCodes: codes, acknowledged: false },
    });
    expect(await showRecoveryCodes(await exchangeIn(world))).toMatchObject({
      ok: true,
      status: 200,
      page: { page: 'recoveryCodes', notice: null, codes },
    });
  });

  test('says with them that a phone is in use that came with them', async () => {
    make('sid', { confirmedAt: START });
    const reply = await showRecoveryCodes(await exchangeIn(world));
    expect(reply).toMatchObject({ page: { notice: expect.stringContaining('42') } });
  });

  test.each([
    ['nobody has passed', none],
    ['the factor is old', stale],
  ])('shows none where %s', async (_what, more) => {
    make();
    const stays = refuse('fresh_second_factor_required');
    expect(await showRecoveryCodes(await exchangeIn(world, { ...more, ...json }))).toEqual(stays);
    expect(await showRecoveryCodes(await exchangeIn(world, more))).toEqual(to('/second-factor/'));
  });

  test('shows none of another session, and none that are kept', async () => {
    const nothing = refuse('not_found', { detail: { say: 'detail.recoveryNone' } });
    make('another');
    expect(await showRecoveryCodes(await exchangeIn(world, json))).toEqual(nothing);
    giveRecoveryCodes(world);
    expect(await showRecoveryCodes(await exchangeIn(world, json))).toEqual(nothing);
    expect(await showRecoveryCodes(await exchangeIn(world))).toEqual(to('/second-factor/'));
    world.users.delete('A');
    expect(await showRecoveryCodes(await exchangeIn(world, none))).toEqual(
      refuse('enrollment_required'),
    );
  });
});

describe('[S178] GET /recovery-codes.txt', () => {
  test('is a file of those that this session may see', async () => {
    const { codes } = make();
    const reply = await downloadRecoveryCodes(await exchangeIn(world, HERE));
    expect(reply).toMatchObject({ ok: true, status: 200, file: { name: 'recovery-codes.txt' } });
    const { text } = (reply as { file: { text: string } }).file;
    expect(codes.every((code) => text.includes(code))).toBe(true);
  });

  test.each<[string, string, object]>([
    ['at the wish of another site', 'sid', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['of another session', 'another', HERE],
    ['with an old factor', 'sid', { ...HERE, ...stale }],
  ])('is none %s', async (_what, session, more) => {
    expect(await downloadRecoveryCodes(await exchangeIn(world, more))).toEqual(to(CODES));
    make(session);
    expect(await downloadRecoveryCodes(await exchangeIn(world, more))).toEqual(to(CODES));
  });
});

describe('[S178] POST /recovery-codes/kept', () => {
  const done = { ok: true, status: 204, location: '/second-factor/', notice: 'notice.codesKept' };
  const ELSEWHERE = refuse('not_found', { detail: { say: 'detail.recoveryElsewhere' } });
  const waits = (): boolean => world.users.get('A')!.newRecoveryCodes !== undefined;
  const keep = async (fields: object, more: object = {}) =>
    keepCodes(await exchangeIn(world, { ...more, ...posted(fields) }));

  test.each([true, false])('they count from now on; the form names them: %p', async (names) => {
    const { id } = make();
    expect(await keep(names ? { set: id } : {}, stale)).toEqual(done);
    expect(waits()).toBe(false);
    // The second of two clicks.
    expect(await keep({}, stale)).toEqual(done);
  });

  test('leads on to where the user was going, where a page of the app says nothing of it', async () => {
    make();
    const exchange = await exchangeIn(world, posted({}));
    comeBackTo(exchange, '/secret');
    expect(await keepCodes(exchange)).toEqual({ ok: true, status: 204, location: '/secret' });
    expect(exchange.path()).toBeUndefined();
  });

  test.each<[string, object, object, object]>([
    ['a list', { set: ['x'] }, {}, refuse('request_malformed')],
    ['a number', { set: 7 }, {}, refuse('request_malformed')],
    ['those of this session, without a factor', {}, none, refuse('second_factor_required')],
  ])('keeps nothing of %s', async (_what, fields, more, refusal) => {
    make();
    expect(await keep(fields, more)).toEqual(refusal);
    expect(waits()).toBe(true);
  });

  test('keeps none that were made in another session, named or not', async () => {
    const { id } = make('another');
    expect(await keep({})).toEqual(ELSEWHERE);
    expect(await keep({ set: id })).toEqual(ELSEWHERE);
    expect(waits()).toBe(true);
  });

  test('needs a phone, and a factor that was passed: no trusted browser', async () => {
    const { id } = make();
    const device = {
      id: 'one',
      name: '',
      digest: '',
      epoch: '',
      trustedAt: START,
      lastUsedAt: START,
      expiresAt: START + 1_000,
    };
    world = gateWorld({ deviceLifetimeMs: 86_400_000 });
    make('sid', { devices: [device] });
    expect(await keep({ set: id }, { mark: { amr: [], deviceId: 'one' } })).toEqual(
      refuse('second_factor_required'),
    );
    expect(waits()).toBe(true);
    world.users.delete('A');
    expect(await keep({}, none)).toEqual(refuse('enrollment_required'));
  });

  test('of a set that was replaced meanwhile says so', async () => {
    make();
    const replaced = refuse('not_found', { detail: { say: 'detail.recoveryReplaced' } });
    expect(await keep({ set: 'an older one' })).toEqual(replaced);
    expect(waits()).toBe(true);
    expect(await keep({})).toEqual(done);
    expect(await keep({ set: 'an older one' })).toEqual(replaced);
  });
});
