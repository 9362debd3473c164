/** The value of a JSON text; `undefined` where it is none. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

/** A property of any value, own or not there at all. */
export function part(value: unknown, ...path: string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) {
      return undefined;
    }
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

/** A property that is a string with something in it. */
export function textPart(value: unknown, ...path: string[]): string | undefined {
  const found = part(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** A property that is a number, or a string that says one, as Flowroute mixes them. */
export function numberPart(value: unknown, ...path: string[]): number | undefined {
  const found = part(value, ...path);
  const number = typeof found === 'string' && found !== '' ? Number(found) : found;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
