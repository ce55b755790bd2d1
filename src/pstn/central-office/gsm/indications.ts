import type { Clock } from '../../../time/clock.js';
import { type Address, international } from '../../sms/address.js';
import { parseDataCoding } from '../../sms/data-coding.js';
import { encodePdu } from '../../sms/pdu.js';
import type { Deliver, StatusReport } from '../../sms/tpdu.js';
import { OneShot } from '../modem/one-shot.js';
import type { Cell } from './cell.js';
import type { ToMobile } from './mailbox.js';
import { serviceCentreNumber } from './message-centre.js';
import { isTextMode, textForm } from './message-commands.js';
import { directForm, reportForm } from './text-mode.js';

type Done = (result: 'taken' | 'memory-full' | 'failed') => void;

/** For `+CNMA`, before the network takes the message as not delivered. */
const acknowledgeMs = 15_000;
const centre: Address = { kind: 'number', digits: serviceCentreNumber, type: international };

/**
 * What becomes of a message that arrives, by `+CNMI` and `+CSMS`: told at once, stored and told where, or stored in
 * silence. Where nothing can be shown to anybody (mode 0, mt 0) a message of class 0 is stored as any other.
 */
export class Indications {
  readonly #cell: Cell;
  readonly #acknowledgement: OneShot;
  #awaiting: Done | undefined;

  constructor(cell: Cell, clock: Clock) {
    this.#cell = cell;
    this.#acknowledgement = new OneShot(clock);
  }

  deliver(tpdu: ToMobile, done: Done): void {
    if (tpdu.kind === 'status-report') this.#report(tpdu, done);
    else if (this.#isDirect(tpdu)) this.#tell(this.#directText(tpdu), done);
    else this.#store(tpdu, '+CMTI', this.#mode > 0 && this.#setting(1) > 0, done);
  }

  /** False when nothing waits for it. */
  acknowledge(isPositive: boolean): boolean {
    const done = this.#awaiting;
    this.forget();
    done?.(isPositive ? 'taken' : 'failed');
    return done !== undefined;
  }

  /** After a restart nobody acknowledges any more; the network tries again. */
  forget(): void {
    this.#acknowledgement.stop();
    this.#awaiting = undefined;
  }

  restarted(): void {
    const done = this.#awaiting;
    this.forget();
    done?.('failed');
  }

  get #mode(): number {
    return this.#setting(0);
  }

  #setting(index: number): number {
    return this.#cell.settings().numbers.get('+CNMI')[index] ?? 0;
  }

  /** 27.005 3.4.1: class 0 is shown, class 2 belongs into the SIM. */
  #isDirect({ coding }: Deliver): boolean {
    const { messageClass } = parseDataCoding(coding);
    const told = this.#setting(1);
    if (this.#mode === 0 || told === 0) return false;
    if (messageClass === 0) return true;
    return told === 2 ? messageClass !== 2 : told === 3 && messageClass === 3;
  }

  #report(tpdu: StatusReport, done: Done): void {
    const told = this.#mode === 0 ? 0 : this.#setting(3);
    if (told === 0) done('taken');
    else if (told === 2) this.#store(tpdu, '+CDSI', true, done);
    else {
      const { hex, length } = encodePdu(tpdu, centre);
      this.#tell(
        isTextMode(this.#cell)
          ? `+CDS: ${reportForm(tpdu, textForm(this.#cell))}`
          : `+CDS: ${length}\r\n${hex}`,
        done,
      );
    }
  }

  #directText(tpdu: Deliver): string {
    if (isTextMode(this.#cell)) return `+CMT: ${directForm(tpdu, textForm(this.#cell))}`;
    const { hex, length } = encodePdu(tpdu, centre);
    return `+CMT: ,${length}\r\n${hex}`;
  }

  #tell(text: string, done: Done): void {
    const { host } = this.#cell;
    const { numbers } = this.#cell.settings();
    host.announce(text);
    if (numbers.first('+CSMS') === 0) {
      done('taken');
      return;
    }
    this.#awaiting = done;
    this.#acknowledgement.start(acknowledgeMs, () => {
      // 27.005 3.4.1: a program that does not acknowledge is told nothing more.
      const [mode = 0, , broadcast = 0, , flush = 0] = numbers.get('+CNMI');
      numbers.set('+CNMI', [mode, 0, broadcast, 0, flush]);
      this.acknowledge(false);
    });
  }

  #store(tpdu: ToMobile, name: '+CMTI' | '+CDSI', isTold: boolean, done: Done): void {
    const { sim, host } = this.#cell;
    const place = sim.messages.add({ state: 'REC UNREAD', tpdu, serviceCentre: centre });
    if (place !== undefined && isTold) host.announce(`${name}: "SM",${place}`);
    done(place === undefined ? 'memory-full' : 'taken');
  }
}
