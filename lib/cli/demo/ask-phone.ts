import type { RefusalCode } from '../../core/outcomes';
import { readNorthAmericanNumber } from '../../flowroute/wire';
import type { Context } from '../command';
import { CommandFailure } from '../failures';
import type { DemoUser } from './demo-user';
import { refusalWords } from './refusal-words';

/** Another number may do better. */
const OTHER_NUMBER: readonly RefusalCode[] = ['phone_invalid', 'destination_not_allowed'];

/** Asks until a code was texted to a number, and resolves with its 11 digits. */
export async function askPhone({ printer, prompts }: Context, user: DemoUser): Promise<string> {
  for (;;) {
    const typed = await prompts.ask('Phone number, 11 digits such as 12065550142: ');
    const phone = readNorthAmericanNumber(typed.replace(/[\s().-]/g, ''));
    if (phone === undefined) {
      printer.remark('That is no US or Canadian number: 1, the area code, seven digits more.');
      continue;
    }
    const outcome = await user.text(phone);
    if (outcome.ok) return phone;
    if (!OTHER_NUMBER.includes(outcome.code)) throw new CommandFailure(refusalWords(outcome));
    printer.remark(refusalWords(outcome));
  }
}
