import type { MessageCentreOptions } from './gsm/message-centre.js';
import type { Impairments } from './impairments/impairments.js';
import type { CallerIdSetting, LineService } from './line-settings.js';
import type { ProfileName } from './modem/profiles/profile.js';
import type { NetworkOptions } from './network.js';
import type { RingPattern } from './ring-patterns.js';
import type { Timings } from './timings.js';

/** The `[office]` section of the configuration. */
export interface OfficeOptions
  extends Pick<
    NetworkOptions,
    'exchanges' | 'trunkGroups' | 'routes' | 'numberingPlan' | 'serviceCodes' | 'intercepted'
  > {
  /** Multiplies dial tone delay, post-dial delay, ringing and training; the modems' S registers stay real. */
  readonly timeScale: number;
  /** The same seed gives the same ringing phases and the same bit errors. Left out, one is drawn. */
  readonly seed?: number;
  readonly timings?: Partial<Timings>;
  readonly lines: readonly OfficeLineOptions[];
  /** How the service centre treats short messages beside carrying them. */
  readonly messageCentre?: MessageCentreOptions;
}

/** One `[[office.line]]`. */
export interface OfficeLineOptions {
  readonly number: string;
  /** Lines with the same value form a hunt group. */
  readonly hunt?: string;
  /** `pty:/path/to/link` or `tcp://127.0.0.1:port`; left out, the modem is reached in process as `sim:<number>`. */
  readonly expose?: string;
  /** bit/s; 33,600 when left out. */
  readonly rate?: number;
  /** One way, from the modem to the exchange; 0 when left out. */
  readonly delayMs?: number;
  readonly bitErrorRate?: number;
  readonly callerId?: CallerIdSetting;
  readonly ring?: RingPattern;
  /**
   * The make of its modem; `generic` when left out. `gsm` is a cellular one: the line's number is its mobile number,
   * with country code, and it sends and receives short messages.
   */
  readonly modem?: ProfileName | 'gsm';
  /** Of a `gsm` modem's SIM: asked for after each power-on; none when left out. */
  readonly pin?: string;
  /** The name of its exchange; the first one when left out. */
  readonly exchange?: string;
  readonly services?: readonly LineService[];
  readonly impairments?: Impairments;
}
