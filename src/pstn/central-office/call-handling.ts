import { Announcement } from './announcement.js';
import { Dialling } from './dialling.js';
import type { Plant } from './plant.js';
import { PostDialDelay } from './post-dial-delay.js';
import { Ringing } from './ringing.js';
import { Circuits } from './routing/circuits.js';
import type { CentralOffice, Numbering, Subscriber } from './routing/numbering.js';
import type { Dialled } from './routing/numbering-plan.js';
import type { Congestion, Routing } from './routing/routing.js';
import { HookFlash } from './services/hook-flash.js';
import type { LineExchange, LineUse, SubscriberLine } from './subscriber-line.js';
import { TalkPath } from './talk-path.js';
import { type TreatmentName, treatment } from './treatments.js';

/** Of stutter dial tone, before it goes on steadily. */
const recallBursts = 3;

/** From off-hook to release: which use of a line follows which. */
export class CallHandling implements LineExchange {
  readonly #plant: Plant;
  readonly #numbering: Numbering<SubscriberLine>;
  readonly #routing: Routing;
  readonly #hookFlash: HookFlash;
  readonly #officeOf: (line: SubscriberLine) => CentralOffice;

  constructor(
    plant: Plant,
    parts: {
      readonly numbering: Numbering<SubscriberLine>;
      readonly routing: Routing;
      officeOf(line: SubscriberLine): CentralOffice;
    },
  ) {
    this.#plant = plant;
    this.#numbering = parts.numbering;
    this.#routing = parts.routing;
    this.#officeOf = parts.officeOf;
    this.#hookFlash = new HookFlash(plant, {
      recall: (line) => this.#recall(line),
      ring: (caller, called, circuits) => this.#ring(caller, called, circuits),
      join: (caller, called, circuits) => this.#join(caller, called, circuits),
    });
  }

  originate(line: SubscriberLine): void {
    this.#plant.report({ event: 'off-hook', line: line.number });
    this.#register(line, this.#plant.timings.dialToneDelayMs);
  }

  takesFlash(line: SubscriberLine): boolean {
    return this.#hookFlash.takesFlash(line);
  }

  flashed(line: SubscriberLine): void {
    this.#hookFlash.flashed(line);
  }

  hungUp(line: SubscriberLine, use: LineUse): void {
    this.#plant.report({ event: 'on-hook', line: line.number });
    this.#hookFlash.hungUp(line, use);
  }

  /** @param recallBursts of stutter dial tone, after a hook-flash or a `*` code */
  #register(line: SubscriberLine, delayMs: number, recallBursts = 0): void {
    const home = this.#officeOf(line);
    new Dialling(line, this.#plant, {
      lookup: (digits) => this.#numbering.lookup(digits, home),
      dialled: (it, dialled) => this.#dialled(it, dialled),
      unknownNumber: (it) => this.#treat(it, 'vacant-code'),
      unfinishedNumber: (it) => this.#treat(it, 'reorder'),
      nothingDialled: (it) => this.#treat(it, 'permanent-signal'),
    }).start(delayMs, recallBursts);
  }

  #dialled(line: SubscriberLine, dialled: Dialled): void {
    if (dialled.kind === 'cancel-call-waiting') {
      this.#hookFlash.cancelCallWaiting(line);
      this.#recall(line);
      return;
    }
    const destination = this.#numbering.destination(dialled);
    if (destination.kind === 'subscriber') this.#route(line, destination.subscriber);
    else this.#treat(line, destination.kind === 'vacant' ? 'vacant-code' : 'intercept');
  }

  #route(caller: SubscriberLine, called: Subscriber<SubscriberLine>): void {
    const circuits = this.#routing.seize(this.#officeOf(caller).name, called.office.name);
    if (!(circuits instanceof Circuits)) {
      this.#congested(caller, called.number, circuits);
      return;
    }
    const { number } = called;
    this.#plant.report({ event: 'routed', line: caller.number, number, via: circuits.names });
    new PostDialDelay(this.#plant, circuits).start(caller, () => this.#offer(caller, called, circuits));
  }

  #congested(caller: SubscriberLine, number: string, { lastTried, routeClass }: Congestion): void {
    const group = lastTried && { group: lastTried.name };
    this.#plant.report({ event: 'congestion', line: caller.number, number, ...group });
    this.#treat(caller, routeClass === 'local' ? 'reorder' : 'no-circuit');
  }

  #offer(caller: SubscriberLine, { number, lines }: Subscriber<SubscriberLine>, circuits: Circuits): void {
    const called = lines.find((line) => line.isIdle());
    if (called) this.#ring(caller, called, circuits);
    else if (!lines.some((line) => this.#hookFlash.knock(caller, line, circuits))) {
      circuits.release();
      this.#plant.report({ event: 'busy', line: caller.number, number });
      this.#treat(caller, 'busy');
    }
  }

  #ring(caller: SubscriberLine, called: SubscriberLine, circuits: Circuits): void {
    new Ringing({ caller, called, circuits }, this.#plant, {
      answered: (...ends) => this.#join(...ends),
    }).start();
  }

  #join(caller: SubscriberLine, called: SubscriberLine, circuits: Circuits): void {
    this.#plant.report({ event: 'answered', line: caller.number, called: called.number });
    new TalkPath([caller, called], this.#plant, circuits, {
      leftAlone: (line) => this.#register(line, this.#plant.timings.redialDelayMs),
      heldGone: (holder) => this.#hookFlash.heldGone(holder),
    }).start();
  }

  #recall(line: SubscriberLine): void {
    this.#register(line, this.#plant.timings.dialToneDelayMs, recallBursts);
  }

  #treat(line: SubscriberLine, name: TreatmentName): void {
    this.#plant.report({ event: 'treatment', line: line.number, name });
    new Announcement(line, this.#plant, treatment(name, this.#plant.timings)).start();
  }
}
