import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type MockInstance, vi } from 'vitest';
import { type AccountNumber, parseAccountNumber } from '../../src/bytes/account-number.js';
import { trackingId } from '../../src/bytes/tracking-id.js';
import { reportFailure } from '../../src/cli/failure-report.js';
import { createProgram } from '../../src/cli/program.js';
import { silentLog } from '../../src/log/log.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { closed } from '../store/store-contract.js';
import { freshDataDir } from '../support/embedded-store.js';

/** What a person sees of a command that has ended. */
export interface Ended {
  readonly code: number;
  /** Standard output. */
  readonly output: string;
  /** Standard error. */
  readonly complaints: string;
}

/**
 * Commands run in this process, as `main.ts` runs them, beside a server that has the database open. Its settings are none of this machine's.
 * @param options are put behind the words of every command
 */
export async function cordboard(words: readonly string[], options: readonly string[] = []): Promise<Ended> {
  let output = '';
  let complaints = '';
  const spies: MockInstance[] = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      output += text;
      return true;
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      complaints += text;
      return true;
    }),
  ];
  for (const name of ['DATABASE_URL', 'CORDBOARD_DATA_DIR']) vi.stubEnv(name, '');
  process.exitCode = undefined;
  let code: number;
  try {
    const program = await createProgram(words[0]);
    await program.parseAsync([...words, ...options], { from: 'user' });
    code = Number(process.exitCode ?? 0);
  } catch (cause) {
    code = reportFailure(cause);
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
    process.exitCode = undefined;
  }
  return { code, output, complaints };
}

/** What a test says of a call; the rest is alike. */
export interface PastCall {
  readonly caller: string;
  readonly callee: string;
  readonly ringAt: string;
  readonly seconds: number;
}

/** A server's folder with its database open, and commands in it. */
export class ServerFolder {
  /** Of its database and configuration; tests put files there, too. */
  readonly path: string;
  readonly store: Store;
  #calls = 0;

  private constructor(path: string, store: Store) {
    this.path = path;
    this.store = store;
  }

  /** @param configuration further lines of its `cordboard.toml` */
  static async open(configuration = ''): Promise<ServerFolder> {
    const path = await freshDataDir();
    const folder = new ServerFolder(
      path,
      await openStore({ dataDir: path, clock: realClock, log: silentLog }),
    );
    await folder.write('cordboard.toml', `data_dir = "${path}"\n${configuration}`);
    return folder;
  }

  async close(): Promise<void> {
    await this.store.close();
    await rm(this.path, { recursive: true });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Its path. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(this.file(name), content);
    return this.file(name);
  }

  async addAccounts(...digits: readonly string[]): Promise<void> {
    for (const each of digits)
      await this.says('subscriber', 'add', each, '--name', `Account ${each}`, '--number', `555010${each}`);
  }

  /** A call that is over: bridged 20 s after its ring. @param unique its tracking ID ends with it; otherwise with a number of its own */
  async call({ caller, callee, ringAt, seconds }: PastCall, unique = ++this.#calls): Promise<string> {
    const at = new Date(ringAt);
    const after = (each: number) => new Date(at.getTime() + 1_000 * each);
    const random = new Uint8Array(10);
    new DataView(random.buffer).setUint32(6, unique);
    const open = { trackingId: trackingId(at.getTime(), random), port: 'sim:1', ani: '5550101', ringAt: at };
    await this.store.calls.open(open);
    const times = { answerAt: after(2), bridgeAt: after(20), endAt: after(20 + seconds) };
    const parties = { callerAccount: accountOf(caller), calleeAccount: accountOf(callee) };
    const lengths = { durationSeconds: 20 + seconds, billableSeconds: seconds };
    await this.store.calls.close(open.trackingId, closed(open, { ...times, ...parties, ...lengths }));
    return open.trackingId;
  }

  run(...words: string[]): Promise<Ended> {
    return cordboard(words, ['--config', this.file('cordboard.toml')]);
  }

  /** Of a command that succeeds and complains about nothing. @throws Error where it does */
  async says(...words: string[]): Promise<string> {
    const { code, output, complaints } = await this.run(...words);
    if (code !== 0 || complaints !== '')
      throw new Error(`${words.join(' ')}: exit code ${code}, ${complaints}`);
    return output;
  }

  /** Of a command that fails and has no result. @throws Error where it does not */
  async refuses(...words: string[]): Promise<Pick<Ended, 'code' | 'complaints'>> {
    const { code, output, complaints } = await this.run(...words);
    if (code === 0 || output !== '') throw new Error(`${words.join(' ')}: exit code ${code}, ${output}`);
    return { code, complaints };
  }

  async json<T = unknown>(...words: string[]): Promise<T> {
    return JSON.parse(await this.says(...words, '--json'));
  }
}

function accountOf(digits: string): AccountNumber {
  const account = parseAccountNumber(digits);
  if (!account) throw new Error(`${digits} is no account`);
  return account;
}
