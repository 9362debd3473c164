import { createServer, type Server, type Socket } from 'node:net';
import { deserialize, Long, serialize, type Document } from 'bson';

/**
 * As much of a MongoDB server as one collection needs, by its wire protocol: the real driver and the
 * real Mongoose talk to it. It takes what it knows exactly (a filter of `_id` and `version`, a `$set`)
 * and answers everything else with an error, so no recipe can lean on what a real server would not do.
 * One command runs at a time, as for one document it does there.
 */
export class MongoWire {
  readonly rows = new Map<string, Document>();
  port = 0;
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  async start(): Promise<void> {
    const server = createServer((socket) => this.serve(socket));
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.port = (server.address() as { port: number }).port;
    this.server = server;
  }

  /** As when the process is killed. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    let waiting = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 4 && waiting.length >= waiting.readInt32LE(0)) {
        const message = waiting.subarray(0, waiting.readInt32LE(0));
        waiting = waiting.subarray(message.length);
        socket.write(this.replyTo(message));
      }
    });
  }

  private replyTo(message: Buffer): Buffer {
    const isQuery = message.readInt32LE(12) === 2_004;
    const answer = serialize(this.answer(isQuery ? queryIn(message) : commandIn(message)));
    // The first hello of a driver comes in the form of before 3.6, and is answered so.
    const head = Buffer.alloc(isQuery ? 36 : 21);
    head.writeInt32LE(head.length + answer.length, 0);
    head.writeInt32LE(message.readInt32LE(4), 8);
    head.writeInt32LE(isQuery ? 1 : 2_013, 12);
    if (isQuery) head.writeInt32LE(1, 32);
    return Buffer.concat([head, answer]);
  }

  private answer(command: Document): Document {
    const [name = ''] = Object.keys(command);
    if (/^(hello|ismaster)$/i.test(name)) return HELLO;
    const known: Record<string, () => Document> = {
      ping: () => ({}),
      endSessions: () => ({}),
      create: () => ({}),
      find: () => ({
        cursor: { id: Long.ZERO, ns: 'test.rows', firstBatch: this.hit(command.filter) },
      }),
      insert: () => this.insert(command.documents[0]),
      update: () => {
        const { q, u, multi, upsert, ...more } = command.updates[0];
        const change = asIs(u, ['$set']).$set as Document;
        if (multi || upsert || Object.keys(more).length > 0)
          throw new Error('that is not known here');
        const hit = this.hit(q);
        for (const row of hit) Object.assign(row, change);
        return { n: hit.length, nModified: hit.length };
      },
      delete: () => {
        const hit = this.hit(command.deletes[0].q);
        for (const { _id } of hit) this.rows.delete(_id as string);
        return { n: hit.length };
      },
    };
    try {
      const run = known[name];
      if (run === undefined) throw new Error(`${name} is not known here`);
      return { ...run(), ok: 1 };
    } catch (error) {
      return { ok: 0, code: 59, errmsg: (error as Error).message };
    }
  }

  private hit(filter: Document): Document[] {
    const { _id, version } = asIs(filter, ['_id', 'version']);
    if (typeof _id !== 'string') throw new Error('a filter without _id is not known here');
    const row = this.rows.get(_id);
    return row !== undefined && (version === undefined || version === row.version) ? [row] : [];
  }

  private insert(row: Document): Document {
    if (this.rows.has(row._id as string)) {
      const errmsg = 'E11000 duplicate key error collection: test.rows index: _id_';
      return { n: 0, writeErrors: [{ index: 0, code: 11_000, errmsg }] };
    }
    this.rows.set(row._id as string, row);
    return { n: 1 };
  }
}

const HELLO = {
  helloOk: true,
  ismaster: true,
  isWritablePrimary: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 25,
  readOnly: false,
  ok: 1,
};

/** The document, where it has no other keys than these. */
function asIs(document: Document, keys: string[]): Document {
  const other = Object.keys(document).find((key) => !keys.includes(key));
  if (other !== undefined) throw new Error(`${other} is not known here`);
  return document;
}

function queryIn(message: Buffer): Document {
  return deserialize(message.subarray(message.indexOf(0, 20) + 9));
}

/** A command, with the documents that may come beside it. */
function commandIn(message: Buffer): Document {
  let command: Document = {};
  const lists: Record<string, Document[]> = {};
  for (let at = 20; at < message.length;) {
    const kind = message[at];
    const size = message.readInt32LE(at + 1);
    const part = message.subarray(at + 1, at + 1 + size);
    at += 1 + size;
    if (kind === 0) command = deserialize(part);
    else {
      const end = part.indexOf(0, 4);
      const list: Document[] = [];
      for (let from = end + 1; from < part.length; from += part.readInt32LE(from)) {
        list.push(deserialize(part.subarray(from, from + part.readInt32LE(from))));
      }
      lists[part.toString('utf8', 4, end)] = list;
    }
  }
  return { ...command, ...lists };
}
