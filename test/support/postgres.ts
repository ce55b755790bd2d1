import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import postgres from 'postgres';

/** A PostgreSQL server for tests: `TEST_DATABASE_URL`, or one that is started from the installed programs. */
export interface TestServer {
  /** A new, empty database. */
  createDatabase(): Promise<string>;
  /** Drops what was created; stops what was started. */
  close(): Promise<void>;
}

/** A server that the test itself may stop and start again. */
export interface OwnServer extends TestServer {
  /** At once, as in a crash. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

const binaries = findBinaries();

/** Why no server can be had, or `undefined`; with `CORDBOARD_REQUIRE_POSTGRES=1` its absence is an error. */
export const noServer = absence(
  Boolean(process.env.TEST_DATABASE_URL ?? binaries),
  'no PostgreSQL server: set TEST_DATABASE_URL, or install PostgreSQL 15 or later',
);

/** The same for a server that can be stopped. */
export const noOwnServer = absence(
  binaries !== undefined,
  'no PostgreSQL programs (initdb, postgres): install PostgreSQL 15 or later',
);

function absence(present: boolean, reason: string): string | undefined {
  if (present) return undefined;
  if (process.env.CORDBOARD_REQUIRE_POSTGRES === '1') throw new Error(reason);
  return reason;
}

export function startTestServer(): Promise<TestServer> {
  const url = process.env.TEST_DATABASE_URL;
  return url ? Promise.resolve(databasesAt(url)) : startOwnServer();
}

export async function startOwnServer(): Promise<OwnServer> {
  if (!binaries) throw new Error(noOwnServer);
  const account = serverAccount();
  const directory = mkdtempSync(join(tmpdir(), 'cordboard-postgres-'));
  if (account) chownSync(directory, account.uid, account.gid);
  const password = randomBytes(12).toString('hex');
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const data = join(directory, 'data');
  const made = spawnSync(
    join(binaries, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'cordboard',
      '-A',
      'scram-sha-256',
      '--pwfile',
      passwordFile,
      '-E',
      'UTF8',
      '--no-sync',
    ],
    { ...account, cwd: directory, encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);

  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '', fsync: 'off' };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let server: ChildProcess | undefined;
  const isRunning = () => server !== undefined && server.exitCode === null;
  const start = async () => {
    if (isRunning()) return;
    server = spawn(join(binaries, 'postgres'), ['-D', data, ...args], { ...account, cwd: directory });
    await untilReady(server);
  };
  const stop = async () => {
    if (!server || !isRunning()) return;
    const ended = once(server, 'exit');
    server.kill('SIGQUIT');
    await ended;
  };
  process.once('exit', () => server?.kill('SIGQUIT'));
  await start();
  const { createDatabase } = databasesAt(`postgres://cordboard:${password}@127.0.0.1:${port}/postgres`);
  return {
    createDatabase,
    start,
    stop,
    async close() {
      await stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function databasesAt(url: string): TestServer {
  const created: string[] = [];
  const administer = async (statement: string) => {
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    await sql.unsafe(statement);
    await sql.end();
  };
  return {
    async createDatabase() {
      const name = `cordboard_test_${randomBytes(6).toString('hex')}`;
      await administer(`create database ${name}`);
      created.push(name);
      const own = new URL(url);
      own.pathname = `/${name}`;
      return own.href;
    },
    async close() {
      for (const name of created) await administer(`drop database ${name} with (force)`);
    },
  };
}

/** The directory of initdb and postgres: on the path, or where Debian keeps them, the newest first. */
function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  const places = [
    ...versions
      .filter((version) => version >= 15)
      .sort((a, b) => b - a)
      .map((version) => join(debian, String(version), 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return places.find((place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')));
}

/** PostgreSQL refuses to run as root; then the account `postgres`, or else `nobody`, runs it. */
function serverAccount(): { uid: number; gid: number } | undefined {
  if (userInfo().uid !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error('PostgreSQL does not run as root, and there is neither an account postgres nor nobody');
}

/** Below the range from which the system takes ports for outgoing connections. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_768);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

function untilReady(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    server.stderr?.on('data', (text) => {
      said += text;
      if (said.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`postgres did not start: ${said}`)));
  });
}
