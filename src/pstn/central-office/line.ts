import type { CallerId, DtmfSymbol, ToneHz } from '../signals.js';
import type { CarrierAbilities, CarrierTerms } from './carrier-terms.js';

/**
 * A two-wire subscriber line as the equipment at its end sees it: implemented by the exchange, used by a
 * modem. Calls never throw at equipment that behaves badly; the exchange treats it as a telephone would be.
 */
export interface Line {
  /** Directory number, digits only. */
  readonly number: string;
  /** Plugs the equipment in. One line, one piece of equipment; a later one replaces it. */
  connect(equipment: LineEquipment): void;
  /** Closes the loop: answers when ringing, otherwise asks for dial tone. */
  offHook(): void;
  /**
   * Opens the loop: ends whatever call there is. On a line with flash services an opening of 200 to 1,100 ms in the middle
   * of a call is a hook-flash instead, a shorter one is nothing, and the call ends 1,100 ms after the opening. Tones, digits
   * and the carrier of the equipment end at the opening, whatever it comes to be.
   */
  onHook(): void;
  /** One DTMF burst of `onMs`, starting now. The modem leaves the gap after it. */
  sendDigit(symbol: DtmfSymbol, onMs: number): void;
  /** Starts (or with `tones.silence` ends) a tone toward the exchange or the far end. */
  sendTone(tone: ToneHz): void;
  /**
   * Plays sound toward the far end: linear samples, 8,000 a second. They follow those given before without a gap as
   * long as those have not all been played; otherwise they begin now.
   */
  sendAudio(samples: Int16Array): void;
  /**
   * Listens to all that can be heard from now on, tones and DTMF bursts included, as audio. A later listener replaces
   * this one. Sound is made into samples only where somebody listens.
   */
  listen(): Listening;
  /**
   * Sends the modem's handshake signals. When the far end of an established talking path sends with the other
   * role, both train and are told `carrier(up)`.
   * @param maxRate bit/s, the fastest this modem would go
   * @param abilities everything, when left out
   */
  startCarrier(role: 'originate' | 'answer', maxRate: number, abilities?: CarrierAbilities): void;
  stopCarrier(): void;
  /** Both modems train anew. Returns the milliseconds in which nothing passes; 0 without a carrier. */
  retrain(): number;
  /** Octets that `transmit` takes now; zero without carrier. */
  transmitRoom(): number;
  /** At most `transmitRoom()` octets, sent at the line rate, received one path delay later. */
  transmit(octets: Uint8Array): void;
  /** Tells the exchange that `receiveRoom()` has grown. */
  receiveResumed(): void;
}

export interface Listening {
  /** What was heard since it was last asked, or since it began, up to now. */
  read(): Int16Array;
  close(): void;
}

export type CarrierState = ({ readonly up: true } & CarrierTerms) | { readonly up: false };

/** The modem as the line sees it. All calls come from the exchange's clock, never from within a `Line` call. */
export interface LineEquipment {
  /** True at the start of each ringing burst, false at its end. */
  ringing(on: boolean): void;
  /** Between the first burst and the second (CM-290); not called at all when the line has no caller ID service. */
  callerId(id: CallerId): void;
  /** What can be heard from now on, the equipment's own tones excluded. */
  tone(tone: ToneHz): void;
  /** A DTMF burst from the far end, told when it ends, with its length. */
  digit(symbol: DtmfSymbol, onMs: number): void;
  /** The loop current broke: the far end has hung up. */
  loopBreak(): void;
  /** `rate` is the bit rate in bit/s both ways. Down when the far modem stops, hangs up or the line fails. */
  carrier(state: CarrierState): void;
  /** Octets that the modem can take now; the line holds back the rest (V.42 flow control). */
  receiveRoom(): number;
  /** Never more octets than `receiveRoom()` said. */
  receive(octets: Uint8Array): void;
  /** `transmitRoom()` has grown from less than half to at least half of its full size. */
  transmitReady(): void;
}
