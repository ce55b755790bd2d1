import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';

/** A PostgreSQL server of the installed programs, for a measurement: durable as it comes, with memory for a million records. */
export interface OwnServer {
  readonly databaseUrl: string;
  close(): Promise<void>;
}

export const serverSettings = { shared_buffers: '512MB', max_wal_size: '4GB' } as const;

/** `undefined` where the programs (15 or later) are not installed. @param place an empty folder */
export async function startOwnServer(place: string): Promise<OwnServer | undefined> {
  const binaries = postgresBinaries();
  if (!binaries) return undefined;
  const account = serverAccount();
  const folder = join(place, 'postgres');
  mkdirSync(folder);
  if (account) {
    chownSync(place, account.uid, account.gid);
    chownSync(folder, account.uid, account.gid);
  }
  const data = join(folder, 'data');
  const made = spawnSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'cordboard', '-A', 'trust', '-E', 'UTF8'],
    {
      ...account,
      cwd: folder,
      encoding: 'utf8',
    },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', ...serverSettings };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(binaries, 'postgres'), ['-D', data, ...args], { ...account, cwd: folder });
  await untilReady(server);
  return {
    databaseUrl: `postgres://cordboard@127.0.0.1:${port}/postgres`,
    async close() {
      const ended = once(server, 'exit');
      server.kill('SIGINT');
      await ended;
    },
  };
}

/** The folder of initdb and postgres, 15 or later: where Debian keeps them, the newest first, or on the path. */
export function postgresBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  const newest = versions.filter((version) => version >= 15).sort((one, other) => other - one);
  const places = [
    ...newest.map((version) => join(debian, String(version), 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return places.find((place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')));
}

/** PostgreSQL refuses to run as root; then the account `postgres`, or else `nobody`, runs it. */
export function serverAccount(): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error('PostgreSQL does not run as root, and there is neither an account postgres nor nobody');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** @throws Error with what it said, where it ends at once */
export function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stderr?.on('data', (text) => {
      said += text;
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`postgres did not start: ${said}`)));
  });
}
