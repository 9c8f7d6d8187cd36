import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * How a database is unavailable: connections are refused, connections are reset, nothing is answered, or the server
 * gives an SQLSTATE.
 */
export type Absence = 'refused' | 'reset' | 'silent' | { readonly sqlstate: string };

/** A proxy between the services and PostgreSQL. */
export interface DatabaseLine {
  /** The database's URL through this proxy. */
  readonly url: string;
  /** Makes the database unavailable, for open connections and new ones. */
  makeUnavailable(absence: Absence): Promise<void>;
  /** Makes the database available again. The services' connections are lost. */
  restore(): Promise<void>;
  close(): Promise<void>;
}

export async function startDatabaseLine(target: string): Promise<DatabaseLine> {
  const url = new URL(target);
  const open = new Set<Socket>();
  let absence: Absence | undefined;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  };
  const refuse = (client: Socket): void => {
    if (absence === 'reset') client.resetAndDestroy();
    else if (typeof absence === 'object') client.end(errorResponse(absence.sqlstate));
  };
  const server = createServer((client) => {
    keep(client);
    if (absence) return void client.once('data', () => refuse(client));
    const upstream = connect(Number(url.port), url.hostname);
    keep(upstream);
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const through = new URL(target);
  through.host = `127.0.0.1:${port}`;
  const cut = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };
  const stop = (): Promise<void> =>
    new Promise((resolve) => (server.listening ? server.close(() => resolve()) : resolve()));
  return {
    url: through.toString(),
    async makeUnavailable(how) {
      absence = how;
      for (const socket of open) {
        socket.unpipe();
        if (typeof how === 'object') refuse(socket);
        else if (how !== 'silent') socket.resetAndDestroy();
      }
      if (how === 'refused') await stop();
    },
    async restore() {
      absence = undefined;
      cut();
      if (!server.listening) await listen(server, port);
    },
    async close() {
      const stopped = stop();
      cut();
      await stopped;
    },
  };
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));

/** PostgreSQL's ErrorResponse message, which a server sends before it closes the connection. */
function errorResponse(sqlstate: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlstate}\0Mthe database is away\0\0`);
  const head = Buffer.from('E\0\0\0\0');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}
