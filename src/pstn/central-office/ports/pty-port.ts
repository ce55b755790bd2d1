import { closeSync, readSync, writeSync } from 'node:fs';
import type { Log } from '../../../log/log.js';
import type { Clock } from '../../../time/clock.js';
import type { Circuits, DteListener, DtePort } from '../dte.js';
import { DeviceLink } from './device-link.js';
import { lastOctetsMs } from './last-octets.js';
import { type Pty, pollEvents } from './libc.js';
import { OctetQueue } from './octet-queue.js';
import type { PolledPort, PtyPoller } from './pty-poller.js';

/** Reads of one poll, so that one busy line does not hold up the others. */
const readsPerPoll = 4;
const scratch = Buffer.alloc(4096);
const noRenewal =
  'no new pseudo-terminal for a line whose program must be hung up; it keeps the old one until there is';

/**
 * A modem's serial port as a pseudo-terminal behind a link. A pty has no modem circuits, so what the kernel
 * would do on a real port is done to it:
 * - no program has it open, or its speed is zero (B0): DTR is off;
 * - the carrier is lost and the program did not set CLOCAL: the program gets what is left to read, then a
 *   hang-up (SIGHUP, end of file), and the link points at a new pty;
 * - CTS off: nothing is read from the program, whose writes then wait.
 */
export class PtyPort implements DtePort, PolledPort {
  readonly #link: DeviceLink;
  readonly #modem: DteListener;
  readonly #poller: PtyPoller;
  readonly #clock: Clock;
  readonly #log: Log;
  #pty: Pty;
  #circuits: Circuits = { cts: true, dsr: true, dcd: false, ri: false };
  /** From the modem, for the program. */
  readonly #unwritten = new OctetQueue();
  /** From the program, not taken by the modem. */
  #untaken: Uint8Array = new Uint8Array();
  #isInUse = false;
  #isSpeedZero = false;
  #isReady = false;
  #leftAtMs: number | undefined;
  #hangUp: { readonly sinceMs: number; emptyPolls: number } | undefined;
  #isRenewalFailing = false;

  /** Makes the pseudo-terminal and the link. Throws when it cannot, or when the link is another process's. */
  constructor(
    path: string,
    modem: DteListener,
    poller: PtyPoller,
    { clock, log }: { clock: Clock; log: Log },
  ) {
    this.#link = new DeviceLink(path, poller.libc);
    this.#modem = modem;
    this.#poller = poller;
    this.#clock = clock;
    this.#log = log;
    try {
      this.#pty = this.#makePty();
    } catch (error) {
      this.#link.remove();
      throw error;
    }
    poller.add(this);
  }

  close(): void {
    this.#poller.remove(this);
    this.#link.remove();
    closeSync(this.#pty.fd);
  }

  // ---- DtePort: the modem's side ----

  /** Octets for nobody are lost, as on a serial port that no program has open. */
  send(octets: Uint8Array): void {
    if (!this.#isInUse) return;
    const isFirst = this.#unwritten.length === 0;
    this.#unwritten.push(octets);
    if (isFirst) this.#write();
  }

  pending(): number {
    return this.#unwritten.length;
  }

  circuits(state: Circuits): void {
    const isCarrierLost = this.#circuits.dcd && !state.dcd;
    this.#circuits = state;
    if (state.dcd) this.#hangUp = undefined;
    else if (isCarrierLost && this.#isInUse && !this.#poller.libc.settings(this.fd).ignoresCarrier) {
      this.#hangUp = { sinceMs: this.#clock.monotonicMs(), emptyPolls: 0 };
    }
  }

  resume(): void {
    if (this.#untaken.length > 0) this.#offer(this.#untaken);
  }

  // ---- PolledPort ----

  get fd(): number {
    return this.#pty.fd;
  }

  wanted(): number {
    return (this.#mayRead() ? pollEvents.in : 0) | (this.#unwritten.length > 0 ? pollEvents.out : 0);
  }

  polled(events: number): void {
    const isOpen = (events & pollEvents.hangUp) === 0;
    // A program may open, write and close between two polls: octets are a sign of it, too.
    if (isOpen || events & pollEvents.in) this.#isInUse = true;
    if (!this.#isInUse) return;
    if (isOpen) this.#leftAtMs = undefined;
    this.#tellReady();
    if (events & pollEvents.in) this.#read();
    else if (!isOpen && this.#mayBeLeft()) this.#left();
    if (events & pollEvents.out) this.#writeWaiting();
    if (this.#hangUp) this.#hangUpWhenRead(this.#hangUp);
  }

  readSettings(): void {
    if (!this.#isInUse) return;
    this.#isSpeedZero = this.#poller.libc.settings(this.fd).isHungUp;
    this.#tellReady();
  }

  // ---- octets ----

  #mayRead(): boolean {
    return this.#untaken.length === 0 && this.#circuits.cts;
  }

  #read(): void {
    for (let reads = 0; reads < readsPerPoll && this.#mayRead(); reads++) {
      const count = attempt(() => readSync(this.fd, scratch));
      if (count === 0) return;
      this.#offer(Uint8Array.prototype.slice.call(scratch, 0, count));
    }
  }

  #offer(octets: Uint8Array): void {
    this.#untaken = octets.subarray(this.#modem.received(octets));
  }

  #write(): void {
    for (let first = this.#unwritten.first(); first; first = this.#unwritten.first()) {
      const octets = first;
      const count = attempt(() => writeSync(this.fd, octets));
      if (count === 0) return;
      this.#unwritten.drop(count);
    }
  }

  #writeWaiting(): void {
    this.#write();
    if (this.#unwritten.length === 0) this.#modem.drained();
  }

  // ---- circuits that a pty has not ----

  #tellReady(): void {
    const isReady = this.#isInUse && !this.#isSpeedZero;
    if (isReady === this.#isReady) return;
    this.#isReady = isReady;
    this.#modem.dtr(isReady);
  }

  /** The program has closed it: true once its last octets are with the modem, or have waited long enough. */
  #mayBeLeft(): boolean {
    const nowMs = this.#clock.monotonicMs();
    this.#leftAtMs ??= nowMs;
    return this.#mayRead() || nowMs - this.#leftAtMs >= lastOctetsMs;
  }

  #left(): void {
    if (this.#poller.libc.refresh(this.#pty) || this.#renew()) this.#forgetProgram();
  }

  #hangUpWhenRead(hangUp: { readonly sinceMs: number; emptyPolls: number }): void {
    const isRead = this.#unwritten.length === 0 && this.#poller.libc.unread(this.#pty) === 0;
    hangUp.emptyPolls = isRead ? hangUp.emptyPolls + 1 : 0;
    // Twice, since octets on their way through the kernel are in no count.
    const isDue = hangUp.emptyPolls >= 2 || this.#clock.monotonicMs() - hangUp.sinceMs >= lastOctetsMs;
    if (isDue && this.#renew()) this.#forgetProgram();
  }

  #forgetProgram(): void {
    this.#isInUse = false;
    this.#isSpeedZero = false;
    this.#leftAtMs = undefined;
    this.#hangUp = undefined;
    this.#unwritten.clear();
    this.#untaken = new Uint8Array();
    this.#tellReady();
  }

  /** Hangs the program up. False when no other pseudo-terminal can be had: the next poll tries again. */
  #renew(): boolean {
    const old = this.#pty;
    try {
      this.#pty = this.#makePty();
    } catch (error) {
      if (!this.#isRenewalFailing)
        this.#log.error({ link: this.#link.path, error: String(error) }, noRenewal);
      this.#isRenewalFailing = true;
      return false;
    }
    this.#isRenewalFailing = false;
    closeSync(old.fd);
    return true;
  }

  #makePty(): Pty {
    const pty = this.#poller.libc.openPty();
    try {
      this.#link.pointAt(pty.slavePath);
      return pty;
    } catch (error) {
      closeSync(pty.fd);
      throw error;
    }
  }
}

/** Zero when the call would block or the other end is gone. */
function attempt(call: () => number): number {
  try {
    return call();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN' || code === 'EIO') return 0;
    throw error;
  }
}
