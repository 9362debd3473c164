import { MemoryStore } from 'express-session';
import { memoryCounter } from 'passport-sms-2fa';
import { libraryApp } from './library.mjs';

/**
 * The library in memory, with a memory that can be filled: what one send writes to the store and
 * the counter is written again, under other keys, as often as it is asked for.
 */
export function createApp() {
  let written;
  let writes;
  const watched = (target, isWrite) =>
    new Proxy(target, {
      get: (_, name) => {
        const found = target[name];
        if (typeof found !== 'function') return found;
        return (...args) => {
          if (isWrite(name)) written?.push({ target, name, args });
          return found.apply(target, args);
        };
      },
    });
  const app = libraryApp(
    watched(new MemoryStore(), (name) => name === 'set'),
    { counter: watched(memoryCounter(), (name) => name !== 'peek') },
  );
  return {
    ...app,
    answers: {
      /** Begins to record what is written, or ends it. */
      record: (begin) => {
        if (begin) return (written = []).length;
        writes = written.map(({ target, name, args }) => {
          const others = args.map(underOtherKeys);
          return (end) => target[name](...others.map((other) => other(end)));
        });
        written = undefined;
        return writes.length;
      },
      fill: ({ from, to }) => {
        withoutSweeps(() => {
          for (let index = from; index < to; index++) {
            const end = String(index).padStart(8, '0');
            for (const write of writes) write(end);
          }
        });
        return true;
      },
    },
  };
}

/** A counter that looks through all counts now and then would look for hours while it is filled. */
function withoutSweeps(work) {
  const { [Symbol.iterator]: iterate } = Map.prototype;
  Map.prototype[Symbol.iterator] = () => [].values();
  work();
  Map.prototype[Symbol.iterator] = iterate;
}

/**
 * What was written, as a function of another end of its keys. Every key has a digest or an id in
 * it, of which the last eight characters are replaced.
 */
function underOtherKeys(value) {
  if (typeof value === 'function') return () => undefined;
  if (typeof value === 'string') {
    const [key] = /^.*?[\w-]{12,}(?=[\w-]{8})/.exec(value) ?? [];
    if (key === undefined) return () => value;
    const rest = value.slice(key.length + 8);
    return (end) => key + end + rest;
  }
  if (typeof value !== 'object' || value === null || 'cookie' in value) return () => value;
  const entries = Object.entries(value).map(([name, one]) => [name, underOtherKeys(one)]);
  const make = (end) => entries.map(([name, other]) => [name, other(end)]);
  if (Array.isArray(value)) return (end) => make(end).map(([, one]) => one);
  return (end) => Object.fromEntries(make(end));
}
