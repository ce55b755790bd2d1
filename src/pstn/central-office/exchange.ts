import type { Log } from '../../log/log.js';
import type { Clock, Timer } from '../../time/clock.js';
import {
  Announcement,
  busyTone,
  type Cadence,
  permanentSignalTone,
  reorderTone,
  vacantNumber,
} from './announcement.js';
import { DeferredCalls } from './deferred-calls.js';
import { Dialling } from './dialling.js';
import { NumberPlan } from './number-plan.js';
import type { Plant } from './plant.js';
import { uniformStream } from './random-stream.js';
import { Ringing } from './ringing.js';
import { type LineSettings, type LineUse, SubscriberLine } from './subscriber-line.js';
import { TalkPath } from './talk-path.js';
import { defaultTimings, scaledTimings, type Timings } from './timings.js';

export interface ExchangeLine extends LineSettings {
  /** The lines with one `hunt` number form a hunt group, which is called by that number, in their order. */
  readonly hunt?: string;
}

export interface ExchangeOptions {
  readonly lines: readonly ExchangeLine[];
  readonly timeScale: number;
  readonly seed: number;
  readonly timings?: Partial<Timings>;
}

/** A telephone exchange: dial tone, digits, ringing, talking paths, release. The README has the picture. */
export class Exchange {
  readonly #plant: Plant;
  readonly #lines = new Map<string, SubscriberLine>();
  /** Each number's lines, in the order in which they are tried. */
  readonly #plan = new NumberPlan<SubscriberLine[]>();

  /** Throws on a number that is not digits only, or given twice. */
  constructor(options: ExchangeOptions, world: { readonly clock: Clock; readonly log: Log }) {
    this.#plant = {
      clock: world.clock,
      log: world.log,
      timings: scaledTimings({ ...defaultTimings, ...options.timings }, options.timeScale),
      chance: uniformStream(options.seed),
      calls: new DeferredCalls(world.clock),
    };
    for (const settings of options.lines) this.#addLine(settings);
    for (const { number, hunt } of options.lines) if (hunt !== undefined) this.#addToGroup(hunt, number);
  }

  line(number: string): SubscriberLine {
    const line = this.#lines.get(number);
    if (!line) throw new Error(`No line of the simulated exchange has the number ${number}.`);
    return line;
  }

  #addLine(settings: ExchangeLine): void {
    const { number } = settings;
    if (!/^\d+$/.test(number)) throw new Error(`A directory number is digits only; "${number}" is not.`);
    if (this.#lines.has(number)) throw new Error(`Two lines have the number ${number}; give each its own.`);
    const line = new SubscriberLine(settings, this.#plant, {
      originate: (it) => this.#register(it, this.#plant.timings.dialToneDelayMs),
      takesFlash: () => false,
      flashed: () => {},
      hungUp: (it, use) => use.released(it),
    });
    this.#lines.set(number, line);
    this.#plan.add(number, [line]);
  }

  #addToGroup(hunt: string, number: string): void {
    const line = this.line(number);
    const group = this.#plan.get(hunt);
    if (!group) this.#plan.add(hunt, [line]);
    else if (!group.includes(line)) group.push(line);
  }

  #register(line: SubscriberLine, delayMs: number): void {
    const { timings, log } = this.#plant;
    new Dialling(line, this.#plant, {
      lookup: (digits) => this.#plan.lookup(digits),
      dialled: (it, group) =>
        new PostDialDelay(this.#plant, timings.postDialDelayMs).start(it, () => this.#route(it, group)),
      unknownNumber: (it) => {
        log.debug({ line: it.number }, 'announcement: no such number');
        this.#announce(it, vacantNumber());
      },
      unfinishedNumber: (it) => this.#announce(it, reorderTone(this.#plant)),
      nothingDialled: (it) => this.#announce(it, permanentSignalTone(this.#plant)),
    }).start(delayMs);
  }

  #route(caller: SubscriberLine, group: readonly SubscriberLine[]): void {
    const called = group.find((line) => line.isIdle());
    const { log } = this.#plant;
    if (!called) {
      log.debug({ line: caller.number }, 'busy');
      this.#announce(caller, busyTone(this.#plant));
      return;
    }
    log.debug({ line: caller.number, called: called.number }, 'ringing');
    new Ringing(caller, called, this.#plant, () => this.#join(caller, called)).start();
  }

  #join(caller: SubscriberLine, called: SubscriberLine): void {
    this.#plant.log.debug({ line: caller.number, called: called.number }, 'answered');
    new TalkPath([caller, called], this.#plant, (line) =>
      this.#register(line, this.#plant.timings.redialDelayMs),
    ).start();
  }

  #announce(line: SubscriberLine, cadences: readonly Cadence[]): void {
    new Announcement(line, this.#plant, cadences).start();
  }
}

/** The time in which the exchange sets up the call. */
class PostDialDelay implements LineUse {
  readonly #plant: Plant;
  readonly #delayMs: number;
  #timer: Timer;

  constructor(plant: Plant, delayMs: number) {
    this.#plant = plant;
    this.#delayMs = delayMs;
  }

  start(line: SubscriberLine, then: () => void): void {
    line.engage(this);
    this.#timer = this.#plant.clock.setTimeout(then, this.#delayMs);
  }

  released(): void {
    this.#plant.clock.clearTimeout(this.#timer);
  }
}
