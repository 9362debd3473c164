import { charactersOver, LONGEST_TEXT } from '../../core/challenge/message';
import { DEFAULT_LIMITS } from '../../core/limits';
import { checkDomain, checkText } from '../../options/check-values';
import { onCommandLine } from '../explain-failure';
import { ok, unknown, wrong, type Finding } from './finding';
import type { Patient } from './patient';

/** The line of each text by which phones fill the code in, and the length of the longest text. */
export function checkTexts(patient: Patient): Finding[] {
  return [checked(() => checkDomainLine(patient)), checked(() => checkLength(patient))];
}

function checkDomainLine({ domain, publicUrl }: Patient): Finding {
  const host = checkDomain(domain);
  if (host === undefined) {
    const cure = 'Give the app its domain option, and this command --domain.';
    return unknown('text', 'Without a domain, texts have no line for autofill.', cure);
  }
  const used = publicUrl?.hostname ?? host;
  if (used === host || used.endsWith(`.${host}`)) {
    return ok('text', `Phones fill the code in at ${host} (last line: @${host} #code).`);
  }
  const cure = 'Use the name that people see in the address bar, or a parent of it.';
  return wrong('text', `Phones fill the code in at ${host}, but the app is at ${used}.`, cure);
}

function checkLength({ domain, appName, codeLength }: Patient): Finding {
  const { challengeLifetime: lifetimeSeconds } = DEFAULT_LIMITS;
  const facts = { domain: checkDomain(domain), codeLength, lifetimeSeconds };
  if (appName === undefined) {
    const room = -charactersOver({ ...facts, appName: '' });
    return ok('text', `The app's name may have ${room} characters; --app-name checks yours.`);
  }
  const over = charactersOver({ ...facts, appName: checkText('--app-name', appName) });
  if (over <= 0) {
    return ok('text', `The longest text has ${LONGEST_TEXT + over} of ${LONGEST_TEXT} characters.`);
  }
  const cure = `Shorten the app's name by ${over} characters: a longer text is charged twice.`;
  return wrong('text', `The longest text has ${LONGEST_TEXT + over} characters.`, cure);
}

/** What the library would refuse to start with. */
function checked(check: () => Finding): Finding {
  try {
    return check();
  } catch (error) {
    return wrong('text', onCommandLine((error as Error).message));
  }
}
