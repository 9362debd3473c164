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
  private readonly all: Sent[] = [];
  /** Before this no text may go out. */
  private readonly notBefore = new Map<string, number>();

  constructor(private readonly judge: (holds: boolean, what: string) => void) {}

  sent(to: string, binding: CodeBinding, at: number): void {
    this.judge(to === binding.phone, 'a text went to another phone than its code is for');
    for (const subject of subjectsOf(binding)) {
      const early = (this.notBefore.get(subject) ?? at) - at;
      this.judge(early <= 0, `a text to ${subject} ${early} ms too early`);
      this.notBefore.set(subject, at + 30_000);
    }
    this.unanswered.push({ at, binding });
    this.all.push({ at, binding });
    const ofUser = (other: CodeBinding): boolean => other.userId === binding.userId;
    const same = (other: CodeBinding): boolean =>
      other.phone === binding.phone && isToFactor(other) === isToFactor(binding);
    const { unanswered, all } = this;
    this.capped(unanswered, binding, 'user', 10, DAY, at, ofUser);
    // Twice as many where accounts share the phone.
    if (isToFactor(binding)) this.capped(unanswered, binding, 'confirmed phone', 20, DAY, at, same);
    if (isToFactor(binding)) {
      this.capped(unanswered, binding, 'confirmed phone', 5, 600_000, at, same);
    } else this.capped(unanswered, binding, 'unconfirmed phone', 10, DAY, at, same);
    for (const [cap, windowMs] of [
      [10, 3_600_000],
      [30, DAY],
    ] as const) {
      this.capped(all, binding, 'user, sent', cap, windowMs, at, ofUser);
    }
  }

  /** A window of a limit may begin at any time, so any other holds at most twice as many. */
  private capped(
    texts: readonly Sent[],
    binding: CodeBinding,
    what: string,
    cap: number,
    windowMs: number,
    at: number,
    belongs: (other: CodeBinding) => boolean,
  ): void {
    const since = at - windowMs;
    const count = texts.filter((sent) => sent.at > since && belongs(sent.binding)).length;
    this.judge(count <= 2 * cap, `${count} texts for the ${what} of ${binding.userId}`);
  }

  answered(binding: CodeBinding, notBefore: number): void {
    const others = this.unanswered.filter((sent) => sent.binding.id !== binding.id);
    this.unanswered.splice(0, this.unanswered.length, ...others);
    for (const subject of subjectsOf(binding)) this.notBefore.set(subject, notBefore);
  }
}

function subjectsOf(binding: CodeBinding): string[] {
  return [
    `user ${binding.userId}`,
    `${isToFactor(binding) ? 'confirmed' : 'unconfirmed'} ${binding.phone}`,
  ];
}
