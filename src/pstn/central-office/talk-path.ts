import { type DtmfSymbol, type ToneHz, tones } from '../signals.js';
import { Carrier } from './carrier.js';
import type { Sound } from './earpiece.js';
import type { Plant } from './plant.js';
import type { Circuits } from './routing/circuits.js';
import type { LineUse, SubscriberLine } from './subscriber-line.js';

export interface TalkPathListener {
  /** The far end of `line` has hung up, and `line` has not. */
  leftAlone(line: SubscriberLine): void;
  /** The line that `holder` kept on hold has hung up: there is nothing to come back to. */
  heldGone(holder: SubscriberLine): void;
}

/** Two lines joined, or three: sounds pass, and a data carrier between two when both send the right signals. */
export class TalkPath implements LineUse {
  readonly #plant: Plant;
  readonly #circuits: Circuits;
  readonly #listener: TalkPathListener;
  #ends: readonly SubscriberLine[];
  /** Ends that are engaged in another call meanwhile; the other one hears nothing. */
  readonly #holders = new Set<SubscriberLine>();
  /** Who joined the three. */
  #controller: SubscriberLine | undefined;
  /** Of the third line's call. */
  #laterCircuits: Circuits | undefined;
  /** What a line with an echo sounded that long ago. */
  readonly #echoes = new Map<SubscriberLine, ToneHz>();
  /** Tones of the exchange over what a line hears of the others. */
  readonly #interjected = new Map<SubscriberLine, ToneHz>();
  #carrier: Carrier | undefined;
  #isOver = false;

  constructor(
    ends: readonly [SubscriberLine, SubscriberLine],
    plant: Plant,
    circuits: Circuits,
    listener: TalkPathListener,
  ) {
    this.#ends = ends;
    this.#plant = plant;
    this.#circuits = circuits;
    this.#listener = listener;
  }

  start(): void {
    for (const line of this.#ends) line.engage(this);
    this.#refresh();
  }

  get ends(): readonly SubscriberLine[] {
    return this.#ends;
  }

  /** One of two has left, and the other one may not know yet: there is nothing to hold or to join. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** One line is at the other end, has not left, and does not keep `line` on hold in turn: it can be joined to somebody else. */
  hasFarEnd(line: SubscriberLine): boolean {
    return !this.#isOver && this.#ends.length === 2 && this.farEndOf(line).use === this;
  }

  /** While three are joined: the line that did it. */
  get controller(): SubscriberLine | undefined {
    return this.#ends.length > 2 ? this.#controller : undefined;
  }

  /** The other one of two. */
  farEndOf(line: SubscriberLine): SubscriberLine {
    const [other] = this.#othersThan(line);
    if (!other) throw new Error('a talking path has two ends at least');
    return other;
  }

  // ---- LineUse ----

  digit(from: SubscriberLine, symbol: DtmfSymbol, onMs: number): void {
    this.#echo(from, () => from.equipment.digit(symbol, onMs));
    for (const to of this.#othersThan(from)) {
      this.#afterPath(from, to, () => to.equipment.digit(symbol, onMs));
    }
  }

  tone(from: SubscriberLine, tone: ToneHz): void {
    this.#echo(from, () => {
      this.#echoes.set(from, tone);
      from.hear(this.#soundAt(from));
    });
    for (const to of this.#othersThan(from)) {
      this.#afterPath(from, to, () => to.hear(this.#soundAt(to, from, tone)));
    }
  }

  /** Under way for the delay of the path, with no timer: a listener meets it in its time. */
  sound(from: SubscriberLine, sound: Sound): void {
    const { echoMs } = from.impairments;
    if (echoMs !== undefined) from.earpiece.add({ ...sound, atMs: sound.atMs + echoMs });
    for (const to of this.#othersThan(from)) {
      if (to.use === this) to.earpiece.add({ ...sound, atMs: sound.atMs + pathDelayMs(from, to) });
    }
  }

  handshake(from: SubscriberLine): void {
    if (from.handshake) this.#train();
    else this.#carrier?.stop(from);
  }

  /** What was sent still reaches the far end, one path delay later; then it learns that its peer is gone. */
  released(from: SubscriberLine): void {
    this.#plant.report({ event: 'released', line: from.number });
    if (this.#ends.length > 2) {
      this.#leave(from);
      return;
    }
    const to = this.farEndOf(from);
    this.#isOver = true;
    this.#releaseCircuits();
    this.tone(from, tones.silence);
    if (this.#holders.has(to)) this.#listener.heldGone(to);
    else if (this.#carrier) this.#carrier.stop(from);
    else this.#afterPath(from, to, () => this.#leaveAlone(to));
  }

  dropCarrier(): void {
    this.#carrier?.drop();
  }

  changeRate(rate: number): void {
    this.#carrier?.changeRate(rate);
  }

  retrain(lengthMs: number): void {
    this.#carrier?.retrain(lengthMs);
  }

  // ---- what a hook-flash makes of it ----

  /** `holder` turns to something else, and comes back by `resume`. */
  hold(holder: SubscriberLine): void {
    this.#holders.add(holder);
    this.#carrier?.drop();
    const far = this.farEndOf(holder);
    if (far.use === this) far.hear(tones.silence);
  }

  resume(holder: SubscriberLine): void {
    this.#holders.delete(holder);
    holder.engage(this);
    this.#refresh();
  }

  /** The holder of this path joins its other call: three lines on one path, which is this one. */
  join(other: TalkPath, controller: SubscriberLine): void {
    this.#laterCircuits = other.#circuits;
    this.#controller = controller;
    this.#take(other.#dissolve().filter((line) => line !== controller));
    this.resume(controller);
  }

  /** The holder of this path has hung up, and leaves the ends of its two calls joined. */
  connect(other: TalkPath, leaver: SubscriberLine): void {
    this.#circuits.absorb(other.#circuits);
    this.#holders.delete(leaver);
    this.#ends = this.#othersThan(leaver);
    this.#take(other.#dissolve().filter((line) => line !== leaver));
    this.#refresh();
  }

  /** The third line is let go; the first two talk on. */
  dropLast(): void {
    const last = this.#ends.at(-1);
    if (!last || this.#ends.length < 3) return;
    this.#laterCircuits?.release();
    last.engage(undefined);
    this.#leave(last);
    this.#leaveAlone(last);
  }

  /** Its controller has hung up and may not leave the others joined. */
  part(): void {
    this.#releaseCircuits();
    for (const line of this.#dissolve()) if (line.use === this) this.#leaveAlone(line);
  }

  /** The far end goes on in a call of another kind, whose circuits these are then. */
  handOver(holder: SubscriberLine): { readonly line: SubscriberLine; readonly circuits: Circuits } {
    const line = this.farEndOf(holder);
    this.#dissolve();
    return { line, circuits: this.#circuits };
  }

  /** A tone of the exchange into `line`'s ear; silence ends it. */
  interject(line: SubscriberLine, tone: ToneHz): void {
    if (tone.length > 0) this.#interjected.set(line, tone);
    else this.#interjected.delete(line);
    if (line.use === this) line.hear(this.#soundAt(line));
  }

  #take(lines: readonly SubscriberLine[]): void {
    this.#ends = [...this.#ends, ...lines];
    for (const line of lines) line.engage(this);
  }

  #dissolve(): readonly SubscriberLine[] {
    const ends = this.#ends;
    this.#ends = [];
    this.#carrier?.drop();
    return ends;
  }

  #releaseCircuits(): void {
    this.#circuits.release();
    this.#laterCircuits?.release();
  }

  #leave(line: SubscriberLine): void {
    this.#ends = this.#ends.filter((end) => end !== line);
    if (this.#laterCircuits) this.#circuits.absorb(this.#laterCircuits);
    this.#laterCircuits = undefined;
    this.#refresh();
  }

  #refresh(): void {
    for (const line of this.#ends) this.tone(line, line.sounding);
    this.#train();
  }

  /** @param tone what `from` sends, as it arrives; the others' as it is now */
  #soundAt(to: SubscriberLine, from?: SubscriberLine, tone: ToneHz = tones.silence): ToneHz {
    const heard = this.#othersThan(to).flatMap((line) => (line === from ? tone : line.sounding));
    const all = new Set([...heard, ...(this.#interjected.get(to) ?? []), ...(this.#echoes.get(to) ?? [])]);
    return [...all].sort((a, b) => a - b);
  }

  #train(): void {
    const [a, b, third] = this.#ends;
    if (this.#carrier || third || !a || !b || a.use !== this || b.use !== this) return;
    if (!a.handshake || !b.handshake || a.handshake.role === b.handshake.role) return;
    this.#carrier = new Carrier([a, b], this.#plant, {
      delayMs: pathDelayMs(a, b),
      onEnd: () => this.#carrierEnded(),
    });
    this.#carrier.train();
  }

  #carrierEnded(): void {
    this.#carrier = undefined;
    const present = this.#ends.filter((line) => line.use === this);
    if (present.length > 1) this.#train();
    else if (this.#holders.size === 0) for (const line of present) this.#leaveAlone(line);
  }

  #leaveAlone(line: SubscriberLine): void {
    this.#listener.leftAlone(line);
    line.tell((equipment) => equipment.loopBreak());
  }

  #othersThan(line: SubscriberLine): readonly SubscriberLine[] {
    return this.#ends.filter((end) => end !== line);
  }

  #echo(from: SubscriberLine, run: () => void): void {
    const { echoMs } = from.impairments;
    if (echoMs === undefined) return;
    this.#plant.clock.setTimeout(() => {
      if (from.use === this) run();
    }, echoMs);
  }

  #afterPath(from: SubscriberLine, to: SubscriberLine, run: () => void): void {
    this.#plant.clock.setTimeout(
      () => {
        if (to.use === this) run();
      },
      pathDelayMs(from, to),
    );
  }
}

function pathDelayMs(a: SubscriberLine, b: SubscriberLine): number {
  return a.settings.delayMs + b.settings.delayMs;
}
