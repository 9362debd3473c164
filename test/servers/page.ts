import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = readFileSync(join(__dirname, '..', '..', 'docs', 'sockets-and-servers.md'), 'utf8');

/** Runs the lines under a heading that show how its recipe is called; answers what they name `wanted`. */
export async function runUse(
  heading: string,
  given: Record<string, unknown>,
  wanted = 'undefined',
): Promise<unknown> {
  const section = PAGE.split(/^## /m).find((each) => each.startsWith(`${heading}\n`)) ?? '';
  const blocks = [...section.matchAll(/^```js\n(.*?)^```/gms)].map(([, block]) => block);
  if (blocks.length !== 1) throw new Error(`${heading} has ${blocks.length} blocks of js`);
  const body = `return (async () => { ${blocks[0]}; return ${wanted}; })()`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is the page
  return new Function(...Object.keys(given), body)(...Object.values(given));
}
