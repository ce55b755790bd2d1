/**
 * The serial cable between a simulated modem and a program (DTE), from the modem's side. Implemented three
 * ways: in process as a serialport binding (`sim:`), as a pseudo-terminal (`pty:`), as a TCP port (`tcp:`).
 */
export interface DtePort {
  /** Octets toward the program. The port keeps what the program does not read yet. */
  send(octets: Uint8Array): void;
  /** Octets that `send` has taken and the program has not read: the modem stops receiving when it is large. */
  pending(): number;
  /** Circuits that the modem drives. A pty cannot show them; the loss of `dcd` then closes and renews it. */
  circuits(state: Circuits): void;
  /** The modem can take octets again after `DteListener.received` took fewer than were offered. */
  resume(): void;
}

/** Circuits of V.24 that the modem drives: CTS (106), DSR (107), DCD (109), RI (125). */
export interface Circuits {
  readonly cts: boolean;
  readonly dsr: boolean;
  readonly dcd: boolean;
  readonly ri: boolean;
}

/** The modem as its cable sees it. */
export interface DteListener {
  /** Octets from the program. Returns how many were taken; the port keeps the rest until `resume()`. */
  received(octets: Uint8Array): number;
  /** The program raised or dropped DTR; a pty's closing or B0 and a TCP port's closing count as a drop. */
  dtr(on: boolean): void;
  /** `pending()` has fallen to zero. */
  drained(): void;
}
