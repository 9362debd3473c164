import { wrongCode } from '../helpers/app';
import type { CodeStep } from './steps';
import type { World } from './world';

/** What is typed. Without anything to go by, all of them are some wrong code. */
export function codeFor({ jar, do: road, code, copies }: CodeStep, world: World): string[] {
  const [newest, ...older] = world.jar(jar).codes[road];
  const right = newest ?? '0123456789';
  const others = world.jars.flatMap((other, index) =>
    index === jar ? other.codes[road === 'verify' ? 'confirm' : 'verify'] : other.codes[road],
  );
  const each = Array.from({ length: copies }, (_, step) => {
    if (code === 'wrong') return wrongCode(right, step + 1);
    if (code === 'malformed') return right.slice(1);
    if (code === 'old') return older[step % older.length] ?? wrongCode(right);
    return code === 'other' ? (others[0] ?? wrongCode(right)) : right;
  });
  return each;
}
