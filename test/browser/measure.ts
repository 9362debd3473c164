import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/**
 * Runs in the page: where each line of text and each control lies. Names what lies on something else,
 * leaves its box or the window, or is too small to be hit. What is only for screen readers is left out.
 */
const LOOK = `(() => {
  const found = [];
  const seen = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    if (element.closest('.unseen')) return false;
    const { width, height } = element.getBoundingClientRect();
    return width > 1.5 && height > 1.5;
  };
  const name = (text) => JSON.stringify(text.trim().replace(/\\s+/g, ' ').slice(0, 40));
  const lines = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!node.data.trim() || !seen(node.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width > 1) lines.push({ node, box, name: name(node.data), of: node.parentElement });
    }
  }
  const controls = [...document.querySelectorAll('button, input, select, textarea, img')]
    .filter(seen)
    .map((node) => ({ node, of: node, box: node.getBoundingClientRect(), name: node.tagName + name(node.innerText || node.name || node.alt || '') }));
  const slack = 1;
  // The boxes of two lines of one paragraph touch where its lines are close.
  const over = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
  const all = [...lines, ...controls];
  all.forEach((one, index) => {
    for (const other of all.slice(index + 1)) {
      if (one.node === other.node || one.node.contains(other.node) || other.node.contains(one.node)) continue;
      if (over(one.box, other.box)) found.push(one.name + ' lies on ' + other.name);
    }
    const { left, right } = one.box;
    if (left < -slack || right > document.documentElement.clientWidth + slack) found.push(one.name + ' leaves the window');
    for (let box = one.of.parentElement === null || one.of === one.node ? one.of.parentElement : one.of; box && box !== document.body; box = box.parentElement) {
      if (getComputedStyle(box).display === 'inline') continue;
      const around = box.getBoundingClientRect();
      if (left < around.left - slack || right > around.right + slack) found.push(one.name + ' leaves ' + box.tagName);
      break;
    }
  });
  if (matchMedia('screen').matches) {
    for (const { node, box, name } of controls) {
      // A box to tick is hit by its label, too.
      const target = node.closest('label') ? node.closest('label').getBoundingClientRect() : box;
      if (node.tagName !== 'IMG' && (target.width < 24 || target.height < 24)) found.push(name + ' is too small to be hit');
    }
    const page = document.documentElement;
    if (page.scrollWidth > page.clientWidth) found.push('the page scrolls sideways');
  }
  return [...new Set(found)];
})()`;

/** What lies on something else or leaves its box, as the page is shown now. */
export function misplaced(page: Page): Promise<string[]> {
  return page.evaluate(LOOK);
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds against WCAG 2.2 AA and the best practices, with the elements; or by these rules alone. */
export async function axeFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  const only = rules === undefined ? '' : `runOnly: ${JSON.stringify(rules)},`;
  if (!(await page.evaluate<boolean>(`'axe' in self`))) await page.evaluate(`${AXE};0`);
  return page.evaluate(`axe.run(document, { ${only} resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`);
}

/** Shows what is folded away. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(
    `document.querySelectorAll('details').forEach((each) => { each.open = true; })`,
  );
}
