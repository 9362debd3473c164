import { freePort, plainUser, programOf, startServer, versionOf } from './program.mjs';

/** A memcached of the run's own. */
export async function startMemcached() {
  const memcached = programOf('memcached');
  const port = await freePort();
  const args = ['-l', '127.0.0.1', '-p', String(port), '-U', '0'];
  const { stop } = await startServer(memcached, args, port, plainUser());
  return {
    version: `memcached ${versionOf(memcached)}`,
    address: { host: '127.0.0.1', port },
    stop,
  };
}
