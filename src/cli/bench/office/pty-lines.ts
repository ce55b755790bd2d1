import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { OwnOffice } from './own-office.js';

const rate = 33_600;
const octetsPerMs = rate / 8_000;
const turnMs = 20;
const dialLimitMs = 20_000;
/** Octets count up from 0 to one less than this, which is no size of any buffer. */
const period = 251;
const pattern = Uint8Array.from({ length: 16 * period }, (_, index) => index % period);

/** What the programs on all lines met in one stretch of time. */
export interface Stretch {
  /** Share of one processor core that the network took. */
  readonly processor: number;
  /** Octets that came to the programs, over those for which the lines had time. */
  readonly flow: number;
}

/** As many pseudo-terminals of one network as asked for, each held open by a program. */
export class PtyLines {
  readonly #office: OwnOffice;
  readonly #programs: readonly Program[];

  private constructor(office: OwnOffice, programs: readonly Program[]) {
    this.#office = office;
    this.#programs = programs;
  }

  /** @param folder for the links */
  static async open(count: number, folder: string): Promise<PtyLines> {
    const paths = Array.from({ length: count }, (_, index) => join(folder, `line-${index}`));
    const office = await OwnOffice.open({
      timeScale: 0.01,
      seed: 1,
      lines: paths.map((path, index) => ({
        number: numberOf(index),
        expose: `pty:${path}`,
        rate,
        delayMs: 30,
      })),
    });
    const programs = paths.map((path) => new Program(path));
    return new PtyLines(office, programs);
  }

  /** Nothing moves. */
  async idle(lengthMs: number): Promise<Stretch> {
    return this.#stretch(() => setTimeout(lengthMs));
  }

  /** Every second line calls the next one. @throws Error when a modem does not say CONNECT */
  async connect(): Promise<void> {
    for (const program of this.#programs) program.command('ATE0S0=1');
    await this.#allSay('OK\r\n');
    for (const [index, program] of this.#programs.entries()) {
      if (index % 2 === 0) program.command(`ATDT${numberOf(index + 1)}`);
    }
    await this.#allSay(`CONNECT ${rate}\r\n`);
  }

  /** All lines full both ways. @throws Error when an octet comes as another */
  async busy(lengthMs: number): Promise<Stretch> {
    return this.#stretch(async () => {
      const endMs = performance.now() + lengthMs;
      while (performance.now() < endMs) {
        for (const program of this.#programs) program.exchange();
        await setTimeout(turnMs);
      }
    });
  }

  async close(): Promise<void> {
    for (const program of this.#programs) program.close();
    await this.#office.close();
  }

  async #allSay(text: string): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.awaitText(text)));
  }

  async #stretch(run: () => Promise<void>): Promise<Stretch> {
    const come = () => this.#programs.reduce((sum, program) => sum + program.come, 0);
    const [comeBefore, processorBefore, beganMs] = [
      come(),
      await this.#office.processorMs(),
      performance.now(),
    ];
    await run();
    const tookMs = performance.now() - beganMs;
    const lineTimeOctets = tookMs * octetsPerMs * this.#programs.length;
    return {
      processor: ((await this.#office.processorMs()) - processorBefore) / tookMs,
      flow: (come() - comeBefore) / lineTimeOctets,
    };
  }
}

/** A program that writes all that its line takes and reads all that comes. */
class Program {
  /** Octets of the call. */
  come = 0;
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(4096);
  #sent = 0;

  constructor(path: string) {
    this.#fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  }

  command(text: string): void {
    writeSync(this.#fd, `${text}\r`, null, 'latin1');
  }

  async awaitText(text: string): Promise<void> {
    let heard = '';
    const deadlineMs = performance.now() + dialLimitMs;
    while (!heard.endsWith(text)) {
      if (performance.now() > deadlineMs)
        throw new Error(`a modem said ${JSON.stringify(heard)} and not ${text}`);
      await setTimeout(turnMs);
      heard += this.#buffer.toString('latin1', 0, this.#read());
    }
  }

  exchange(): void {
    for (let count = this.#read(); count > 0; count = this.#read())
      this.#check(this.#buffer.subarray(0, count));
    this.#sent += orNone(() => writeSync(this.#fd, pattern, this.#sent % period));
  }

  close(): void {
    closeSync(this.#fd);
  }

  #check(octets: Buffer): void {
    for (const octet of octets) {
      if (octet !== this.come % period) throw new Error(`octet ${this.come} of a call came as ${octet}`);
      this.come++;
    }
  }

  #read(): number {
    return orNone(() => readSync(this.#fd, this.#buffer));
  }
}

function numberOf(index: number): string {
  return String(5_550_000 + index);
}

/** Zero when it would have to wait. */
function orNone(call: () => number): number {
  try {
    return call();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
