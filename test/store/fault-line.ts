import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A line between a client and a database server that can fail. */
export interface FaultLine {
  /** `databaseUrl`, by way of this line. */
  readonly url: string;
  /** Replies that never came through. */
  readonly lost: () => number;
  /** The next thing that the server says is lost, and the connection with it. */
  cutNextReply(): void;
  /** From now on nothing comes back on the connections that exist; later ones work. */
  swallow(): void;
  close(): Promise<void>;
}

export async function faultLine(databaseUrl: string): Promise<FaultLine> {
  const server = new URL(databaseUrl);
  const clients = new Set<Socket>();
  const swallowed = new Set<Socket>();
  let cutting = false;
  let lost = 0;
  const line = createServer((client) => {
    const database = connect(Number(server.port), server.hostname);
    clients.add(client);
    client.on('data', (octets) => database.write(octets));
    database.on('data', (octets) => {
      if (cutting) {
        cutting = false;
        lost++;
        client.destroy();
      } else if (swallowed.has(client)) lost++;
      else client.write(octets);
    });
    client.on('close', () => database.destroy());
    client.on('error', () => {});
    database.on('close', () => client.destroy());
    database.on('error', () => {});
  });
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((line.address() as AddressInfo).port);
  return {
    url: url.href,
    lost: () => lost,
    cutNextReply: () => {
      cutting = true;
    },
    swallow: () => {
      for (const client of clients) swallowed.add(client);
    },
    async close() {
      for (const client of clients) client.destroy();
      line.close();
      await once(line, 'close');
    },
  };
}
