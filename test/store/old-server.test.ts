import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { openStore } from '../../src/store/open-store.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';

function message(type: string, ...body: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(body.map((part) => Buffer.from(part)));
  const head = Buffer.from(`${type}....`);
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

const zeros = (count: number) => Buffer.alloc(count);
const one16 = Buffer.from([0, 1]);
const idle = message('Z', 'I');

/** As much of a server as it takes to be asked for its version: it answers everything with it. */
async function serverOfVersion(version: string) {
  const column = Buffer.concat([Buffer.from('server_version\0'), zeros(9), Buffer.from([25]), zeros(8)]);
  const length = zeros(4);
  length.writeUInt32BE(version.length);
  const answer = Buffer.concat([
    ...[message('1'), message('t', zeros(2)), message('T', one16, column)],
    ...[message('2'), message('D', one16, length, version), message('C', 'SHOW\0'), idle],
  ]);
  const server = createServer((client) => {
    client.once('data', () => {
      client.write(Buffer.concat([message('R', zeros(4)), idle]));
      client.on('data', (octets) => octets[0] !== 'X'.charCodeAt(0) && client.write(answer));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    server,
    databaseUrl: `postgres://me:secret@127.0.0.1:${(server.address() as AddressInfo).port}/calls`,
  };
}

test.each(['9.6.24', '14.13 (Debian 14.13-1)'])(
  'fault 68: a server of version %s is refused before anything is written, with what to do',
  async (version) => {
    const { server, databaseUrl } = await serverOfVersion(version);
    const opening = openStore({ databaseUrl, dataDir: 'unused', clock: realClock, log: silentLog });
    const said = `is version ${version.split(' ')[0]}; 15 or later is needed. Upgrade it`;
    await expect(opening).rejects.toThrow(StoreUnavailable);
    await expect(opening).rejects.toThrow(said);
    server.close();
  },
);
