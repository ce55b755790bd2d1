import type { Clock } from '../../../time/clock.js';
import type { Outcome } from '../modem/command-outcome.js';
import type { PersonalityHost } from '../modem/personality.js';
import type { Charset } from './character-set.js';
import type { CellularError } from './errors.js';
import type { MessageCentre } from './message-centre.js';
import { NumberParameters } from './number-parameters.js';
import type { Radio } from './radio.js';
import type { SimCard } from './sim-card.js';

/** What programs set and a power-on forgets. */
export class CellularSettings {
  readonly numbers = new NumberParameters();
  charset: Charset = 'IRA';
  /** `+CSMP` */
  textMode = { firstOctet: 17, validity: 167, protocol: 0, coding: 0 };
  /** `+COPS=3,n`: 0 the operator's name, 1 its short name, 2 its code. */
  operatorFormat = 0;
  operatorMode = 0;
  /** `+CSCB`, kept for the programs that set it: the simulated network broadcasts nothing. */
  broadcast = '0,"",""';
}

/** What the commands of a cellular modem work on. */
export interface Cell {
  /** Digits with country code. */
  readonly number: string;
  readonly clock: Clock;
  readonly host: PersonalityHost;
  readonly radio: Radio;
  readonly sim: SimCard;
  readonly centre: MessageCentre;
  settings(): CellularSettings;
  /** Local time at the mobile is UTC and this. */
  clockOffsetMs: number;
  /** `+CFUN=1,1` */
  restart(): void;
  isRinging(): boolean;
  /** `+CNMA`: false when no message waits for it. */
  acknowledge(isPositive: boolean): boolean;
  /** Tells later whether the modem has run on since: what a restart has forgotten is answered to nobody. */
  run(): () => boolean;
}

/** How a command went: as of any modem, or with an error code of its own. */
export type Answer = Outcome | CellularError;

export function inform(cell: Cell, text: string): Answer {
  cell.host.inform(text);
  return 'ok';
}
