import { once } from 'node:events';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';

/** A child process: `serve.mjs <app> [redis url]` serves one app and tells its parent the port. */
const [name, redisUrl] = process.argv.slice(2);
const { createApp } = await import(`./apps/${name}.mjs`);
const app = await createApp(redisUrl);
const server = createServer({ keepAliveTimeout: 60_000 }, app.listener).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
await app.prepare?.(`http://127.0.0.1:${port}`);

const inspector = new Session();
/** What the parent may ask. */
const answers = {
  codes: (userIds) => userIds.map(app.codeOf),
  /** Processor time that this process has used, in microseconds. */
  processor: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  /** From now on it is counted which functions run. */
  watch: async () => {
    inspector.connect();
    await inspector.post('Profiler.enable');
    await inspector.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  },
  /** The files of the library of which a function ran since the last question. */
  ran: async () => {
    const { result } = await inspector.post('Profiler.takePreciseCoverage');
    return result
      .filter(({ functions }) => functions.some(({ ranges }) => ranges[0].count > 0))
      .map(({ url }) => /^file:(?!.*node_modules).*\/dist\/(.*)$/.exec(url)?.[1])
      .filter((file) => file !== undefined);
  },
};
process.on('message', async ({ id, ask, argument }) => {
  process.send({ id, answer: await (answers[ask] ?? app.answers[ask])(argument) });
});
process.on('disconnect', () => process.exit());
process.send({ port });
