import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Express } from 'express';
import ts from 'typescript';

/** The client as an ES module, for a page or to be measured. */
export function clientModule(removeComments = false): string {
  const source = readFileSync(join(__dirname, '..', '..', 'lib', 'client', 'index.ts'), 'utf8');
  const compilerOptions = {
    module: ts.ModuleKind.ES2022,
    target: ts.ScriptTarget.ES2023,
    removeComments,
  };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

/** What the package `cors` does for one origin; above everything of an app. */
export function allowOrigin(app: Express, origin: () => string): void {
  app.use((req, res, next) => {
    res.set({
      'Access-Control-Allow-Origin': origin(),
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Allow-Headers': 'content-type, x-csrf-token',
      Vary: 'Origin',
    });
    if (req.method === 'OPTIONS') res.status(204).end();
    else next();
  });
}

/** A `fetch` that keeps the cookies of one host, as a browser does. */
export function cookieFetch(): typeof fetch {
  const jar = new Map<string, string>();
  return async (input, init) => {
    const request = new Request(input, init);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    if (cookie !== '') request.headers.set('cookie', cookie);
    const answer = await fetch(request);
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    return answer;
  };
}
