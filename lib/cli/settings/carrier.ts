import type { FlowrouteAccountOptions } from '../../flowroute/client-options';
import { FlowrouteClient } from '../../flowroute/client';
import { readNorthAmericanNumber } from '../../flowroute/wire';
import type { Context } from '../command';
import { UsageError } from '../failures';

/** Whose account it is; `undefined` where no keys are set at all. */
export function readAccount({ given, env }: Context): FlowrouteAccountOptions | undefined {
  const { FLOWROUTE_ACCESS_KEY: accessKey, FLOWROUTE_SECRET_KEY: secretKey, FLOWROUTE_API } = env;
  if (accessKey === undefined && secretKey === undefined) return undefined;
  if (accessKey === undefined || secretKey === undefined) {
    const missing = accessKey === undefined ? 'FLOWROUTE_ACCESS_KEY' : 'FLOWROUTE_SECRET_KEY';
    throw new UsageError(`${missing} is not set; the two keys belong together.`);
  }
  const apiVersion = given.text('api-version') as FlowrouteAccountOptions['apiVersion'];
  return { accessKey, secretKey, baseUrl: given.text('api') ?? FLOWROUTE_API, apiVersion };
}

/** A client for the account; misuse where there are no keys. */
export function openClient(context: Context): FlowrouteClient {
  const account = readAccount(context);
  // The commands hand in a signal for Ctrl-C, which is no limit; this one is.
  if (account !== undefined) return new FlowrouteClient({ ...account, timeoutMs: 5_000 });
  throw new UsageError(
    'FLOWROUTE_ACCESS_KEY and FLOWROUTE_SECRET_KEY are not set. Set them in the environment, or name ' +
      'a file with --settings; "simulate" starts a carrier to try things with and says its keys.',
  );
}

/** The number that texts come from, 11 digits. */
export function readFrom({ given, env }: Context): string {
  const from = given.text('from') ?? env.FLOWROUTE_FROM;
  if (from !== undefined) return readNumber('FLOWROUTE_FROM (--from)', from);
  throw new UsageError(
    'Say which number it is: --from or FLOWROUTE_FROM, 11 digits such as 12065550100.',
  );
}

/** The value stays out of the error: it may be anybody's number. */
export function readNumber(name: string, value: string): string {
  const number = readNorthAmericanNumber(value);
  if (number !== undefined) return number;
  throw new UsageError(
    `${name} must be a US or Canadian number of 11 digits, with its leading 1, such as 12065550100.`,
  );
}
