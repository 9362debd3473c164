/** A shop: routers in several files, PostgreSQL, a strict policy, and news by socket.io. */
import { createServer } from 'node:http';
import { app } from './app.mjs';
import { attachSockets } from './sockets.mjs';

const server = createServer(app);
attachSockets(server);
server.listen(process.env.PORT, '127.0.0.1', () => {
  console.log(`Listening on http://127.0.0.1:${server.address().port}`);
});
