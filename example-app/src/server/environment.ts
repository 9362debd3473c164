import { SettingsError } from './settings-error';

/** The trimmed value, or `undefined` where the variable is not set or empty. */
export function readText(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === '' ? undefined : value;
}

/** A TCP port; 0 lets the system choose one. */
export function readPort(env: NodeJS.ProcessEnv, name: string, otherwise: number): number {
  const text = readText(env, name);
  if (text === undefined) return otherwise;
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new SettingsError(
      `${name} must be a port from 0 to 65535, but it is '${text}'. ` +
        `Set it to a number such as ${otherwise}, or leave it out for ${otherwise}.`,
    );
  }
  return port;
}

/** A URL with one of `protocols`. The value is shown without a password it may carry. */
export function readAddress(
  env: NodeJS.ProcessEnv,
  name: string,
  protocols: string[],
  example: string,
): URL | undefined {
  const text = readText(env, name);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !protocols.includes(url.protocol) || url.hostname === '') {
    const wanted = protocols.map((protocol) => `${protocol}//`).join(' or ');
    throw new SettingsError(
      `${name} must be an address that starts with ${wanted}, but it is ` +
        `'${withoutPassword(text)}'. Set it to one such as ${example}.`,
    );
  }
  return url;
}

function withoutPassword(text: string): string {
  return text.replace(/[^/@]*@/, '…@');
}
