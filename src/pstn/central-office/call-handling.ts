import { Announcement, type TreatmentName, treatment } from './announcement.js';
import { Dialling } from './dialling.js';
import type { Plant } from './plant.js';
import { PostDialDelay } from './post-dial-delay.js';
import { Ringing } from './ringing.js';
import { Circuits } from './routing/circuits.js';
import type { CentralOffice, Numbering, Subscriber } from './routing/numbering.js';
import type { Dialled } from './routing/numbering-plan.js';
import type { Congestion, Routing } from './routing/routing.js';
import type { LineExchange, LineUse, SubscriberLine } from './subscriber-line.js';
import { TalkPath } from './talk-path.js';

/** From off-hook to release: which use of a line follows which. */
export class CallHandling implements LineExchange {
  readonly #plant: Plant;
  readonly #numbering: Numbering<SubscriberLine>;
  readonly #routing: Routing;
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
  }

  originate(line: SubscriberLine): void {
    this.#plant.report({ event: 'off-hook', line: line.number });
    this.#register(line, this.#plant.timings.dialToneDelayMs);
  }

  takesFlash(): boolean {
    return false;
  }

  flashed(): void {}

  hungUp(line: SubscriberLine, use: LineUse): void {
    this.#plant.report({ event: 'on-hook', line: line.number });
    use.released(line);
  }

  #register(line: SubscriberLine, delayMs: number): void {
    const home = this.#officeOf(line);
    new Dialling(line, this.#plant, {
      lookup: (digits) => this.#numbering.lookup(digits, home),
      dialled: (it, dialled) => this.#dialled(it, dialled),
      unknownNumber: (it) => this.#treat(it, 'vacant-code'),
      unfinishedNumber: (it) => this.#treat(it, 'reorder'),
      nothingDialled: (it) => this.#treat(it, 'permanent-signal'),
    }).start(delayMs);
  }

  #dialled(line: SubscriberLine, dialled: Dialled): void {
    if (dialled.kind === 'cancel-call-waiting') {
      this.#register(line, this.#plant.timings.dialToneDelayMs);
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
    if (!called) {
      circuits.release();
      this.#plant.report({ event: 'busy', line: caller.number, number });
      this.#treat(caller, 'busy');
      return;
    }
    this.#plant.report({ event: 'ringing', line: caller.number, called: called.number });
    new Ringing(caller, called, this.#plant, {
      answered: () => this.#join(caller, called, circuits),
      givenUp: () => circuits.release(),
    }).start();
  }

  #join(caller: SubscriberLine, called: SubscriberLine, circuits: Circuits): void {
    this.#plant.report({ event: 'answered', line: caller.number, called: called.number });
    new TalkPath([caller, called], this.#plant, {
      leftAlone: (line) => this.#register(line, this.#plant.timings.redialDelayMs),
      over: () => circuits.release(),
    }).start();
  }

  #treat(line: SubscriberLine, name: TreatmentName): void {
    this.#plant.report({ event: 'treatment', line: line.number, name });
    new Announcement(line, this.#plant, treatment(name, this.#plant.timings)).start();
  }
}
