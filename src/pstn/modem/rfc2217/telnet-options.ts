import { encodeNegotiation, type Verb } from './telnet-codec.js';

/** Which side of the connection an option is on for. */
export type Side = 'ours' | 'theirs';

type State = 'asked' | 'on' | 'off';

/**
 * Who does what on a telnet connection (RFC 854, with the states of RFC 1143). Only a change is answered, so two sides
 * cannot argue for ever, and what is not wanted is refused.
 */
export class TelnetOptions {
  readonly #wanted: Readonly<Record<Side, readonly number[]>>;
  readonly #states: Readonly<Record<Side, Map<number, State>>> = { ours: new Map(), theirs: new Map() };

  constructor(wanted: Readonly<Record<Side, readonly number[]>>) {
    this.#wanted = wanted;
  }

  /** Asks for these; anything else that is wanted is only agreed to. */
  ask(side: Side, option: number): Buffer {
    this.#states[side].set(option, 'asked');
    return encodeNegotiation(side === 'ours' ? 'will' : 'do', option);
  }

  isOn(side: Side, option: number): boolean {
    return this.#states[side].get(option) === 'on';
  }

  /** False while an answer is due. */
  isSettled(side: Side, option: number): boolean {
    return this.#states[side].get(option) !== 'asked';
  }

  /** What the other side's word is answered with, if anything. */
  receive(verb: Verb, option: number): Buffer | undefined {
    const side: Side = verb === 'will' || verb === 'wont' ? 'theirs' : 'ours';
    const isRequest = verb === 'will' || verb === 'do';
    const [agree, refuse]: readonly Verb[] = side === 'ours' ? ['will', 'wont'] : ['do', 'dont'];
    const before = this.#states[side].get(option) ?? 'off';
    if (isRequest && !this.#wanted[side].includes(option)) return encodeNegotiation(refuse as Verb, option);
    this.#states[side].set(option, isRequest ? 'on' : 'off');
    if (before === 'asked' || (before === 'on') === isRequest) return undefined;
    return encodeNegotiation((isRequest ? agree : refuse) as Verb, option);
  }
}
