import type { CodeBinding } from '../../lib/core/challenge/code';

interface Sent {
  at: number;
  binding: CodeBinding;
}

const DAY = 86_400_000;
const isToFactor = ({ purpose }: CodeBinding): boolean =>
  purpose === 'sign-in' || purpose === 'step-up';

/** I4: texts wait for each other, and none of their limits is passed. */
export class SentTexts {
  private readonly unanswered: Sent[] = [];
  private readonly lastText = new Map<string, number>();

  constructor(private readonly judge: (holds: boolean, what: string) => void) {}

  sent(to: string, binding: CodeBinding, at: number): void {
    this.judge(to === binding.phone, 'a text went to another phone than its code is for');
    for (const subject of subjectsOf(binding)) {
      const since = at - (this.lastText.get(subject) ?? 0);
      this.judge(since >= 30_000, `a text to ${subject} ${since} ms after the one before`);
      this.lastText.set(subject, at);
    }
    this.unanswered.push({ at, binding });
    // A window of a limit may begin at any time, so any other holds at most twice as many.
    this.capped(binding, 'user', 10, DAY, at, (other) => other.userId === binding.userId);
    const same = (other: CodeBinding): boolean =>
      other.phone === binding.phone && isToFactor(other) === isToFactor(binding);
    if (isToFactor(binding)) this.capped(binding, 'confirmed phone', 10, DAY, at, same);
    if (isToFactor(binding)) this.capped(binding, 'confirmed phone', 5, 600_000, at, same);
    else this.capped(binding, 'unconfirmed phone', 5, DAY, at, same);
  }

  private capped(
    binding: CodeBinding,
    what: string,
    cap: number,
    windowMs: number,
    at: number,
    belongs: (other: CodeBinding) => boolean,
  ): void {
    const since = at - windowMs;
    const count = this.unanswered.filter((sent) => sent.at > since && belongs(sent.binding)).length;
    this.judge(count <= 2 * cap, `${count} texts for the ${what} of ${binding.userId}`);
  }

  answered(binding: CodeBinding): void {
    const others = this.unanswered.filter((sent) => sent.binding.id !== binding.id);
    this.unanswered.splice(0, this.unanswered.length, ...others);
    for (const subject of subjectsOf(binding)) this.lastText.delete(subject);
  }
}

function subjectsOf(binding: CodeBinding): string[] {
  return [
    `user ${binding.userId}`,
    `${isToFactor(binding) ? 'confirmed' : 'unconfirmed'} ${binding.phone}`,
  ];
}
