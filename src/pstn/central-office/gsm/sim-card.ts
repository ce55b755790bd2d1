import { type Address, international } from '../../sms/address.js';
import { serviceCentreNumber } from './message-centre.js';
import { MessageStore } from './message-store.js';

const places = 20;
const pinTries = 3;
const pukTries = 10;

/** With it a SIM whose PIN was forgotten is opened; real ones come on paper. */
export const puk = '12345678';

/** The subscriber's card: who it is, what it keeps, and the PIN before both. */
export class SimCard {
  readonly imsi: string;
  readonly messages = new MessageStore(places);
  serviceCentre: Address = { kind: 'number', digits: serviceCentreNumber, type: international };
  /** TP-MR of the last message sent. */
  lastReference = 0;
  #pin: string | undefined;
  #isOpen: boolean;
  #pinTriesLeft = pinTries;
  #pukTriesLeft = pukTries;

  /** @param number digits with country code; @param pin asked for after each power-on; none when left out */
  constructor(number: string, pin: string | undefined) {
    // Mobile country code 001 and network 01 are the ones for tests (E.212).
    this.imsi = `00101${number.slice(-10).padStart(10, '0')}`;
    this.#pin = pin;
    this.#isOpen = pin === undefined;
  }

  get state(): 'READY' | 'SIM PIN' | 'SIM PUK' {
    if (this.#pinTriesLeft === 0) return 'SIM PUK';
    return this.#isOpen ? 'READY' : 'SIM PIN';
  }

  get asksPin(): boolean {
    return this.#pin !== undefined;
  }

  enterPin(pin: string): boolean {
    if (pin === this.#pin) {
      this.#isOpen = true;
      this.#pinTriesLeft = pinTries;
      return true;
    }
    this.#pinTriesLeft -= 1;
    return false;
  }

  enterPuk(entered: string, newPin: string): boolean {
    if (this.#pukTriesLeft === 0) return false;
    if (entered !== puk || !/^\d{4,8}$/.test(newPin)) {
      this.#pukTriesLeft -= 1;
      return false;
    }
    this.#pukTriesLeft = pukTries;
    this.#pin = newPin;
    return this.enterPin(newPin);
  }

  /** The modem was switched off and on. */
  powerUp(): void {
    this.#isOpen = this.#pin === undefined;
  }

  nextReference(): number {
    this.lastReference = (this.lastReference + 1) & 0xff;
    return this.lastReference;
  }
}
