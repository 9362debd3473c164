import type { RawRequest } from './parallel';

/** Where a request that changes something comes from, as its headers tell. */
export interface Origin {
  name: string;
  headers: (self: URL) => Record<string, string>;
  /** How its body is written; JSON where it is not said. */
  type?: 'form' | 'text';
}

/** The app's own pages, and clients that are no browsers. */
export const WELCOME: Origin[] = [
  { name: 'Sec-Fetch-Site: same-origin', headers: () => ({ 'sec-fetch-site': 'same-origin' }) },
  { name: 'Sec-Fetch-Site: none', headers: () => ({ 'sec-fetch-site': 'none' }) },
  { name: 'an Origin of this host', headers: ({ origin }) => ({ origin }) },
  { name: 'no such header and JSON', headers: () => ({}) },
  { name: 'no such header and a form', headers: () => ({}), type: 'form' },
];

/** Pages of other sites, siblings of this one among them. */
export const FOREIGN: Origin[] = [
  { name: 'Sec-Fetch-Site: same-site', headers: () => ({ 'sec-fetch-site': 'same-site' }) },
  { name: 'Sec-Fetch-Site: cross-site', headers: () => ({ 'sec-fetch-site': 'cross-site' }) },
  {
    name: 'Sec-Fetch-Site: cross-site with a form',
    headers: () => ({ 'sec-fetch-site': 'cross-site' }),
    type: 'form',
  },
  {
    name: 'Sec-Fetch-Site: cross-site and an Origin of this host',
    headers: ({ origin }) => ({ 'sec-fetch-site': 'cross-site', origin }),
  },
  { name: 'an Origin of another site', headers: () => ({ origin: 'https://evil.example' }) },
  {
    name: 'an Origin of another site with a form',
    headers: () => ({ origin: 'https://evil.example' }),
    type: 'form',
  },
  { name: 'an Origin of a sibling', headers: ({ host }) => ({ origin: `http://sub.${host}` }) },
  { name: 'an Origin of another port', headers: () => ({ origin: 'http://127.0.0.1:1' }) },
  { name: 'Origin: null', headers: () => ({ origin: 'null' }) },
  { name: 'no such header and text/plain', headers: () => ({}), type: 'text' },
];

const TYPES = { form: 'application/x-www-form-urlencoded', text: 'text/plain' } as const;

export interface Write {
  method: string;
  path: string;
  cookie: string;
  body: Record<string, string>;
}

/** The write as it comes from there. */
export function writeFrom({ type, headers }: Origin, url: string, write: Write): RawRequest {
  const { body, ...rest } = write;
  return {
    ...rest,
    headers: {
      accept: 'application/json',
      'content-type': type === undefined ? 'application/json' : TYPES[type],
      ...headers(new URL(url)),
    },
    body: type === 'form' ? new URLSearchParams(body).toString() : JSON.stringify(body),
  };
}

/** The same, as a page is viewed: by a link, or by a browser that fetches ahead. */
export function viewOf(method: 'GET' | 'HEAD', { path, cookie, body }: Write): RawRequest {
  const query = new URLSearchParams(body).toString();
  const headers = { accept: 'application/json', 'sec-fetch-site': 'same-origin' };
  return { method, path: `${path}?${query}`, cookie, headers };
}
