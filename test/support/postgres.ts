import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { postgresBinaries, serverAccount, untilReady } from '../../src/cli/bench/ledger/own-server.js';

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

const binaries = postgresBinaries();

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
