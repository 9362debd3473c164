import { setTimeout as pause } from 'node:timers/promises';
import type { Core } from '../core/core';
import { SecondFactorError, type SetupFinding } from '../errors';
import type { Edge } from '../express/edge';
import { findingsOf, type RequestFinding } from '../express/operator';
import { lostBrowsers, placeOfRouter } from '../express/paths';
import type { CheckOptions } from '../options/verb-options';
import type { Enrollment } from '../ports/enrollments';
import type { StoredRecords } from '../stores/records';
import { checkCounter } from './counter';
import { checkEnrollments } from './enrollments';
import { findingsAbout } from './failure';
import { checkStore } from './store';

/** What is looked at. */
interface Setup {
  edge: Edge;
  records: StoredRecords;
  readEnrollment: (answer: unknown) => Enrollment | undefined;
}

/**
 * Looks at the set-up of an app. Resolves with what is not fatal, and rejects with all that is: as
 * `misconfigured`, or as `store_unavailable` where something does not answer and nothing is wrong.
 */
export async function checkSetup(
  setup: Setup,
  options: CheckOptions,
): Promise<readonly SetupFinding[]> {
  const findings = Object.freeze((await look(setup, options)).map((each) => Object.freeze(each)));
  for (const { state, says, cure } of findings) {
    if (state === 'warning' && !isTold(setup.edge, says)) warn(setup.edge, says, cure);
  }
  const fatal = findings.filter(isFatal);
  if (fatal.length === 0) return findings;
  const code = fatal.some(({ state }) => state === 'wrong') ? 'misconfigured' : 'store_unavailable';
  const lines = fatal.map(({ says, cure }) => `\n- ${says} ${cure}`);
  throw new SecondFactorError(code, `The set-up of passport-sms-2fa:${lines.join('')}`, {
    findings,
  });
}

/** The same in the background, for nobody: what is found is told to the operator. */
export function checkForOperator(setup: Setup): void {
  checkSetup(setup, {}).catch((error: unknown) => {
    const { findings = [] } = error as Partial<SecondFactorError>;
    for (const { says, cure } of findings.filter(isFatal)) {
      if (!isTold(setup.edge, says)) warn(setup.edge, says, cure);
    }
  });
}

function isFatal({ state }: SetupFinding): boolean {
  return state === 'wrong' || state === 'away';
}

async function look(
  { edge, records, readEnrollment }: Setup,
  { userId }: CheckOptions,
): Promise<SetupFinding[]> {
  const { settings, core } = edge;
  const { clock, random, keyring } = core;
  const name = random(9);
  const [first, second] = twoEnrollments(core);
  const found = await Promise.all([
    checkCounter(core, `${keyring.subjects.namespace}check:${name}`),
    checkStore({
      store: settings.sessionStore,
      records,
      clock,
      key: keyring.recordKey('check', name),
      wait: pause,
    }),
    checkEnrollments({
      enrollments: settings.enrollments,
      read: readEnrollment,
      first,
      second,
      userId: userId ?? `check:passport-sms-2fa:${name}`,
      isReal: userId !== undefined,
    }),
  ]);
  return [...found.flat(), ...seenByRequests(edge)];
}

/** A number that is nobody's (fiction has them), and all that an enrollment may have. */
function twoEnrollments({ clock, random }: Core): [Enrollment, Enrollment] {
  const now = clock();
  const device = {
    id: random(9),
    digest: random(32),
    epoch: random(16),
    name: 'Firefox on Linux',
    trustedAt: now,
    lastUsedAt: now,
    expiresAt: now + 1,
    next: [{ digest: random(32), until: now }],
  };
  const first: Enrollment = {
    phone: '+12025550100',
    confirmedAt: now,
    epoch: random(16),
    confirmedFrom: '192.0.2.1',
    newRecoveryCodes: { id: random(16), keyId: random(9), madeAt: now, session: random(12) },
    // As large as the library makes them.
    version: 2 ** 31 - 9,
  };
  const recoveryCodes = { salt: random(16), digests: Array.from({ length: 10 }, () => random(16)) };
  const { version, ...rest } = first;
  return [
    first,
    { ...rest, epoch: random(16), recoveryCodes, devices: [device], version: version + 1 },
  ];
}

/** What was told by a warning already. */
function isTold(edge: Edge, says: string): boolean {
  return [...findingsOf(edge).values()].some((told) => told.says === says);
}

const told = new Set<string>();

/** Once for each sentence, however often it is asked. */
function warn(edge: Edge, says: string, cure: string): void {
  if (told.has(says)) return;
  told.add(says);
  edge.settings.warn('SMS2FA_CHECK', `${says} ${cure}`);
}

const OF_REQUESTS: Record<RequestFinding, [SetupFinding['check'], SetupFinding['state']]> = {
  SMS2FA_MOUNT_PATH: ['mountPath', 'wrong'],
  SMS2FA_USER_ID: ['userId', 'wrong'],
  SMS2FA_TRUST_PROXY: ['trust proxy', 'warning'],
  SMS2FA_ADDRESS: ['trust proxy', 'warning'],
  SMS2FA_BODY: ['body', 'warning'],
  SMS2FA_ON_REFUSED: ['onRefused', 'warning'],
};

/** Some go elsewhere from there, or never; not all of so many. */
const MANY_SENT = 5;

/** What only a request can show, or Express where the router was mounted. */
function seenByRequests(edge: Edge): SetupFinding[] {
  const place = placeOfRouter(edge);
  const findings = [...findingsOf(edge)].map(([code, { says, cure }]): SetupFinding => {
    const [check, state] = OF_REQUESTS[code];
    return { check, state, says, cure };
  });
  const isKnown = findings.some(({ check }) => check === 'mountPath');
  if ((place === 'none' || place === 'unknown') && !isKnown) {
    const made = place === 'none' ? 'no router() was made' : 'router() was not asked for anything';
    const { unknown, warning } = findingsAbout('mountPath');
    const count = lostBrowsers(edge);
    const { mountPath } = edge.settings;
    const lost = `Gates of this process have sent ${count} browsers to ${mountPath}/, and ${made}.`;
    const open = `Open ${mountPath}/ in a browser. Where it is not found, mount router() there, above enforce(); nothing, where another process has it.`;
    findings.push(
      count < MANY_SENT
        ? unknown(`Nobody knows yet whether router() is at mountPath: ${made}.`, LATER)
        : warning(lost, open),
    );
  }
  if (edge.hasSeenRequest !== true) {
    const says = 'Nobody knows yet whether trust proxy fits: no request has come.';
    findings.push(findingsAbout('trust proxy').unknown(says, LATER));
  }
  return findings;
}

const LATER =
  'Nothing, where it is right: the first request that shows otherwise is a warning of the process. Or ask once more after one.';
