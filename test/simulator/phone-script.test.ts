import { setImmediate } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { PHONE_SCRIPT } from '../../lib/simulator/phone-router';
import { SmallDocument, SmallElement } from './small-dom';

type Parts = Record<string, string[]>;

/** Runs the script on a page; what it fetches is the page as it is by then. */
function browser(shown: Parts, clipboard = true) {
  const document = new SmallDocument(shown);
  const events = new Map<string, () => void>();
  const copied: string[] = [];
  const state = { page: shown, fetches: 0, ok: true, waiting: [] as (() => void)[], hold: false };
  const context = {
    document,
    location: { href: 'http://localhost/?to=1' },
    navigator: clipboard
      ? { clipboard: { writeText: (text: string) => Promise.resolve(copied.push(text)) } }
      : {},
    CSS: { escape: (id: string) => id },
    setTimeout: () => undefined,
    EventSource: class {
      constructor(readonly url: string) {
        expect(url).toBe('/phone/events');
      }
      addEventListener(type: string, listener: () => void): void {
        events.set(type, listener);
      }
    },
    fetch: async (url: string) => {
      expect(url).toBe('http://localhost/?to=1');
      state.fetches += 1;
      const page = JSON.stringify(state.page);
      if (state.hold) await new Promise<void>((resolve) => state.waiting.push(resolve));
      return { ok: state.ok, text: () => Promise.resolve(page) };
    },
    DOMParser: class {
      parseFromString(text: string): SmallDocument {
        return new SmallDocument(JSON.parse(text) as Parts);
      }
    },
  };
  runInNewContext(PHONE_SCRIPT, context);
  const happens = async (event: 'open' | 'change') => {
    events.get(event)!();
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  };
  const ids = (part: string) => document.getElementById(part)!.children.map(({ id }) => id);
  return { document, state, copied, happens, ids };
}

test.each([
  [
    ['b', 'a'],
    ['c', 'b', 'a'],
  ],
  [['no-texts'], ['a']],
  [['a'], ['no-texts']],
  [
    ['c', 'b', 'a'],
    ['d', 'c', 'b'],
  ],
  [['b', 'a'], []],
  [
    ['b', 'a'],
    ['d', 'c'],
  ],
  [
    ['b', 'a'],
    ['b', 'a'],
  ],
])('a page of the texts %j becomes one of %j', async (before, after) => {
  const { document, state, happens, ids } = browser({ texts: before, armed: ['x'] });
  const kept = document.getElementById('texts')!.children.filter(({ id }) => after.includes(id));
  state.page = { texts: after, armed: ['y', 'z'] };
  await happens('change');
  expect(ids('texts')).toEqual(after);
  expect(ids('armed')).toEqual(['y', 'z']);
  // The very same elements, so that an answer that is being written stays.
  for (const each of kept) expect(document.getElementById('texts')!.children).toContain(each);
});

test('what became of a text that stays is taken over', async () => {
  const { document, state, happens, ids } = browser({ texts: ['a'], 'course-a': ['sent'] });
  state.page = { texts: ['b', 'a'], 'course-a': ['delivered'] };
  const [kept] = document.getElementById('texts')!.children;
  await happens('change');
  expect(document.getElementById('texts')!.children[1]).toBe(kept);
  expect(ids('course-a')).toEqual(['delivered']);
});

test('a page that was cut off is up to date as soon as it is connected again', async () => {
  const { state, happens, ids } = browser({ texts: ['a'] });
  state.page = { texts: ['b', 'a'] };
  await happens('open');
  expect(ids('texts')).toEqual(['b', 'a']);
});

test('changes during a fetch lead to one more, however many they are', async () => {
  const { state, happens, ids } = browser({ texts: [] });
  state.hold = true;
  await happens('change');
  state.page = { texts: ['a'] };
  for (let count = 0; count < 5; count += 1) await happens('change');
  expect(state.fetches).toBe(1);
  state.hold = false;
  state.waiting[0]!();
  for (let turn = 0; turn < 9; turn += 1) await setImmediate();
  expect(state.fetches).toBe(2);
  expect(ids('texts')).toEqual(['a']);
});

test('a fetch that fails leaves the page as it was, and the next one is made', async () => {
  const { state, happens, ids } = browser({ texts: ['a'] });
  Object.assign(state, { ok: false, page: { texts: [] } });
  await happens('change');
  expect(ids('texts')).toEqual(['a']);
  state.ok = true;
  await happens('change');
  expect(ids('texts')).toEqual([]);
});

test('codes are offered for copying where the browser can copy', async () => {
  const { document, copied, happens } = browser({ texts: [] });
  const button = new SmallElement('');
  button.dataset.copy = '739201';
  document.buttons.push(button);
  await happens('change');
  expect(button.hidden).toBe(false);
  document.click(button);
  await setImmediate();
  expect(copied).toEqual(['739201']);
  expect(button.textContent).toBe('Copied');
  const poor = browser({ texts: [] }, false);
  poor.document.buttons.push(new SmallElement(''));
  await poor.happens('change');
  expect(poor.document.buttons[0]!.hidden).toBe(true);
});
