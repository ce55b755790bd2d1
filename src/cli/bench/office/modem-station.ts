import type { Circuits, DtePort } from '../../../pstn/central-office/dte.js';
import { profiles } from '../../../pstn/central-office/modem/profiles/by-name.js';
import { SimulatedModem } from '../../../pstn/central-office/modem/simulated-modem.js';
import type { SubscriberLine } from '../../../pstn/central-office/subscriber-line.js';
import type { Clock } from '../../../time/clock.js';
import type { Conversation } from './telephone.js';

const maxRate = 33_600;
const reactionMs = 10;
/** Every modem notices that DTR is off for so long (S25). */
const dtrOffMs = 500;

/** A modem, and a program that dials with it and has a message for whoever it is connected to. */
export class ModemStation implements DtePort {
  readonly #line: SubscriberLine;
  readonly #clock: Clock;
  readonly #modem: SimulatedModem;
  readonly #message: Uint8Array;
  /** It called, and hangs up after so long. */
  #talkMs: number | undefined;
  #isConnected = false;
  /** Of the message, what the modem has not taken. */
  #rest: Uint8Array = new Uint8Array();
  /** Octets of all calls. */
  received = 0;

  /** @param ringsToAnswer `Infinity` for a modem that does not answer */
  constructor(
    line: SubscriberLine,
    clock: Clock,
    { ringsToAnswer, message }: { readonly ringsToAnswer: number; readonly message: Uint8Array },
  ) {
    this.#line = line;
    this.#clock = clock;
    this.#message = message;
    this.#modem = new SimulatedModem({ line, clock, maxRate, profile: profiles.generic });
    this.#modem.plug(this);
    this.#modem.dtr(true);
    this.#command(`ATE0S0=${ringsToAnswer === Infinity ? 0 : ringsToAnswer}`);
  }

  get isFree(): boolean {
    return this.#line.isIdle();
  }

  dial(number: string, { patienceMs, talkMs }: Conversation): void {
    this.#talkMs = talkMs;
    this.#command(`ATS7=${Math.round(patienceMs / 1_000)}DT${number}`);
  }

  // ---- DtePort ----

  send(octets: Uint8Array): void {
    if (this.#isConnected) this.received += octets.length;
    else if (Buffer.from(octets).includes('CONNECT')) this.#connected();
  }

  circuits({ dcd }: Circuits): void {
    if (!dcd) this.#isConnected = false;
  }

  resume(): void {
    if (this.#rest.length > 0) this.#offer(this.#rest);
  }

  /** All is read at once. */
  pending(): number {
    return 0;
  }

  #connected(): void {
    this.#isConnected = true;
    // No program writes before the modem has said its CONNECT to the end.
    this.#clock.setTimeout(() => this.#offer(this.#message), reactionMs);
    if (this.#talkMs !== undefined) this.#clock.setTimeout(() => this.#hangUp(), this.#talkMs);
    this.#talkMs = undefined;
  }

  #offer(octets: Uint8Array): void {
    this.#rest = octets.subarray(this.#modem.received(octets));
  }

  #hangUp(): void {
    this.#rest = new Uint8Array();
    this.#modem.dtr(false);
    this.#clock.setTimeout(() => this.#modem.dtr(true), dtrOffMs);
  }

  #command(text: string): void {
    this.#modem.received(Buffer.from(`${text}\r`, 'latin1'));
  }
}
