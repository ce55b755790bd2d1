/** The way from a program to its modem, whatever it is made of: a serial port, a simulated one, a pty, a socket. */
export interface SerialLine {
  /** Whether `dropDtr` does anything. Perhaps: a port server that tells nothing of DTR may drop it when its client goes. */
  readonly canDropDtr: 'yes' | 'perhaps' | 'no';
  /** One listener; octets that come before it are kept by the port. */
  listen(listener: SerialLineListener): void;
  /** Resolves when the port has taken the octets or has lost them; never rejects. */
  write(octets: Uint8Array): Promise<void>;
  /** Resolves when nothing written waits in the computer; what waits in the modem is the modem's. */
  drain(): Promise<void>;
  /** What may wait before the modem where `drain` does not see it. */
  readonly hiddenOctets: number;
  /** Throws away what was written and has not left the computer, as far as the port can. */
  discardOutput(): Promise<void>;
  pause(): void;
  resume(): void;
  /** DTR off, and on again when the modem has released the line. Never rejects. */
  dropDtr(drop: DtrDrop): Promise<void>;
  /** Circuit 109 now, or `undefined` where it cannot be read. */
  carrierDetect(): Promise<boolean | undefined>;
  /** The modem's circuits now, or `undefined` where there are none. Nothing tells of a change: they are asked for. */
  circuits(): Promise<Circuits | undefined>;
  /** What was found of the way to the modem, a sentence each, for people. */
  readonly remarks: readonly string[];
  close(): Promise<void>;
}

/** Circuits 106, 107 and 109; 125 where the port can read it. */
export interface Circuits {
  readonly cts: boolean;
  readonly dsr: boolean;
  readonly dcd: boolean;
  readonly ri?: boolean;
}

export interface DtrDrop {
  /** For how long at least. */
  readonly offMs: number;
  /** How long the modem may take to send its buffer and release the line; zero when there is no data call. */
  readonly releaseMs: number;
  /** Circuit 109, where it can be believed. */
  carrierDetect(): Promise<boolean | undefined>;
}

/** What a line reports. */
export interface SerialLineListener {
  octets(octets: Buffer): void;
  /** The other side closed the port (a pty's only sign of carrier loss). The line opens it again by itself. */
  hungUp(): void;
  /** It has; what stands behind it may have forgotten its settings. */
  reopened(): void;
  /** The port is gone for good. */
  lost(cause: Error): void;
}
