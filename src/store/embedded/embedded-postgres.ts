import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import { lockDirectory } from './directory-lock.js';
import { doorName, openDoor } from './door.js';
import { type Engine, SharedBackend } from './shared-backend.js';
import type { Wire } from './wire.js';

/** The longest that one client may keep everyone else waiting: without a word, and with one statement. */
const turnLimits = { idleTurnMs: 10_000, busyTurnMs: 30_000 };

/** What every client of the embedded database says of itself. */
const embeddedOptions = { ssl: false, user: 'postgres', database: 'postgres' };

/** For a process beside the one that has `directory` open: what `postgres` needs to join it. */
export function joiningOptions(directory: string) {
  const path = join(dirname(resolve(directory)), doorName);
  // Prepared statements would stay in the one backend when this process has gone.
  return { ...embeddedOptions, path, max: 1, prepare: false };
}

interface Running {
  readonly worker: Worker;
  readonly version: string;
  readonly backend: SharedBackend;
}

/** PostgreSQL in a worker thread of this process, on the files of one directory. */
export class EmbeddedPostgres {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #unlock: () => void;
  readonly #closeDoor: () => Promise<void>;
  #running: Promise<Running> | undefined;

  /** @throws DirectoryInUse when another process has the directory open */
  constructor(directory: string, clock: Clock, log: Log) {
    this.#directory = directory;
    this.#clock = clock;
    this.#log = log;
    mkdirSync(dirname(directory), { recursive: true, mode: 0o700 });
    this.#unlock = lockDirectory(`${directory}.lock`);
    this.#closeDoor = openDoor(join(dirname(directory), doorName), this.#connect, log);
  }

  /**
   * What `postgres` needs to come here instead of to a port. A connection starts the engine when it does not run:
   * at first use, or after a failure. (`socket` is a documented option that the driver's types lack.)
   */
  get options() {
    return {
      ...embeddedOptions,
      socket: this.#connect,
      max: 4,
      // A connection's prepared statements stay in the one backend when it goes; so connections stay.
      max_lifetime: null,
    };
  }

  #connect = async (): Promise<Wire> => (await this.#start()).backend.connect();

  async version(): Promise<string> {
    return (await this.#start()).version;
  }

  /** Writes everything to the files and gives the directory back. Every wire must have been closed before. */
  async close(): Promise<void> {
    await this.#closeDoor();
    const running = await this.#running?.catch(() => undefined);
    this.#running = undefined;
    if (running) {
      const ended = new Promise((resolve) => running.worker.once('exit', resolve));
      running.worker.postMessage('close');
      await ended;
    }
    this.#unlock();
  }

  #start(): Promise<Running> {
    return this.#running ?? this.#startAfter(Promise.resolve());
  }

  /** Two engines on one directory would destroy it: the next starts when the one before has ended. */
  #startAfter(ended: Promise<unknown>): Promise<Running> {
    const running = ended.then(() => this.#open());
    const forget = () => {
      if (this.#running === running) this.#running = undefined;
    };
    running.then(({ worker }) => worker.once('exit', forget), forget);
    this.#running = running;
    return running;
  }

  async #open(): Promise<Running> {
    if (!existsSync(this.#directory)) await this.#create();
    const { worker, version } = await startWorker(this.#directory);
    const backend = new SharedBackend(engineOf(worker), this.#clock, turnLimits, () => {
      this.#log.error({}, 'A statement has kept the embedded database busy too long: it is started anew.');
      void this.#startAfter(worker.terminate());
    });
    worker.once('error', ({ message }) => {
      this.#log.error({ error: message }, 'The embedded database has failed: it is started anew.');
    });
    worker.once('exit', () => backend.destroy('the embedded database has stopped'));
    return { worker, version, backend };
  }

  /**
   * Made beside its place and moved there whole, so that an interrupted start leaves nothing half-made; in a
   * thread of its own, because the memory that making it takes (some 800 MB) goes when the thread does.
   */
  async #create(): Promise<void> {
    const draft = `${this.#directory}.new`;
    this.#log.info({ directory: this.#directory }, 'Making the embedded database: once, a few seconds.');
    rmSync(draft, { recursive: true, force: true });
    const { worker } = await startWorker(draft);
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('close');
    await ended;
    renameSync(draft, this.#directory);
  }
}

/** @throws Error with PostgreSQL's own words when it cannot open the directory */
function startWorker(directory: string): Promise<{ worker: Worker; version: string }> {
  const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: { directory } });
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (message: { ready: string } | { failed: string }) => {
      worker.off('error', reject);
      if ('ready' in message) resolve({ worker, version: message.ready });
      else reject(new Error(message.failed));
    });
  });
}

function engineOf(worker: Worker): Engine {
  return (request) =>
    new Promise((answer) => {
      worker.once('message', answer);
      worker.postMessage(request);
    });
}
