import type { Refusal } from '../../core/outcomes';
import type { Context } from '../command';
import { CommandFailure } from '../failures';
import type { DemoUser } from './demo-user';
import { refusalWords } from './refusal-words';

const QUESTION = 'The code that was texted, or Enter for another text: ';

/** Asks until the code came back. Ends with an error where no further guess would help. */
export async function askCode(context: Context, user: DemoUser, phone: string): Promise<void> {
  for (;;) {
    const typed = await context.prompts.ask(QUESTION);
    const outcome = await (typed === '' ? user.text(phone) : user.confirm(typed));
    if (!outcome.ok) tellRefusal(context, outcome);
    else if (typed === '') context.printer.remark('Another text is on its way.');
    else return;
  }
}

function tellRefusal({ printer }: Context, refusal: Refusal): void {
  const words = refusalWords(refusal);
  if (refusal.code === 'too_many_attempts') throw new CommandFailure(words);
  const dead = refusal.code === 'challenge_expired' || refusal.attemptsLeft === 0;
  printer.remark(dead ? `${words} Press Enter for a new one.` : words);
}
