import type { Log } from '../../../log/log.js';
import type { Clock } from '../../../time/clock.js';
import type { CallerId, DtmfSymbol, ToneHz } from '../../signals.js';
import type { DteListener, DtePort } from '../dte.js';
import type { Line, LineEquipment } from '../line.js';

/** One modem between a subscriber line and a program's serial port. */
export class SimulatedModem implements LineEquipment, DteListener {
  /** @param options.maxRate bit/s, the fastest that its carrier goes */
  constructor(options: {
    readonly line: Line;
    readonly clock: Clock;
    readonly maxRate: number;
    readonly log?: Log;
  }) {
    options.line.connect(this);
  }

  /** Plugs the cable in; a later one replaces it. */
  plug(_port: DtePort): void {}
  /** Goes on-hook and leaves no timer behind. */
  close(): void {}
  received(octets: Uint8Array): number {
    return octets.length;
  }
  dtr(_on: boolean): void {}
  drained(): void {}
  ringing(_on: boolean): void {}
  callerId(_id: CallerId): void {}
  tone(_tone: ToneHz): void {}
  digit(_symbol: DtmfSymbol, _onMs: number): void {}
  loopBreak(): void {}
  carrier(_state: { readonly up: true; readonly rate: number } | { readonly up: false }): void {}
  receiveRoom(): number {
    return 0;
  }
  receive(_octets: Uint8Array): void {}
  transmitReady(): void {}
}
