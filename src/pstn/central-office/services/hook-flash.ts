import { tones } from '../../signals.js';
import type { Plant } from '../plant.js';
import { Ringing } from '../ringing.js';
import type { Circuits } from '../routing/circuits.js';
import type { LineUse, SubscriberLine } from '../subscriber-line.js';
import { TalkPath } from '../talk-path.js';
import { Knocking } from './knocking.js';

/** What else becomes of calls that a hook-flash moves about. */
export interface FlashOutcome {
  /** Stutter dial tone, for a call to a third party. */
  recall(line: SubscriberLine): void;
  ring(caller: SubscriberLine, called: SubscriberLine, circuits: Circuits): void;
  join(caller: SubscriberLine, called: SubscriberLine, circuits: Circuits): void;
}

/** A call of a line beside the one that it is engaged in. */
type Aside =
  | { readonly kind: 'held'; readonly path: TalkPath; readonly by: 'consultation' | 'call-waiting' }
  | { readonly kind: 'knocking'; readonly call: Knocking };

/** Call waiting, three-way calling and transfer: what a hook-flash means, and a hang-up after one. The README has the table. */
export class HookFlash {
  readonly #plant: Plant;
  readonly #outcome: FlashOutcome;
  readonly #asides = new Map<SubscriberLine, Aside>();
  /** Lines that dialled `*70` before their present call. */
  readonly #undisturbed = new Set<SubscriberLine>();

  constructor(plant: Plant, outcome: FlashOutcome) {
    this.#plant = plant;
    this.#outcome = outcome;
  }

  takesFlash(line: SubscriberLine): boolean {
    const { services = [] } = line.settings;
    return services.length > 0 && (line.use instanceof TalkPath || this.#asides.has(line));
  }

  cancelCallWaiting(line: SubscriberLine): void {
    this.#undisturbed.add(line);
  }

  /** A second call for a line that talks. @returns whether it is told there */
  knock(caller: SubscriberLine, called: SubscriberLine, circuits: Circuits): boolean {
    const path = talkOf(called.use);
    const isOpenToIt = hasService(called, 'call-waiting') && !this.#undisturbed.has(called);
    if (!isOpenToIt || !path || path.controller || this.#asides.has(called)) return false;
    // Whoever calls the line that it keeps on hold finds it busy.
    if (path.ends.includes(caller)) return false;
    const call = new Knocking({ caller, called, path, circuits }, this.#plant, () =>
      this.#asides.delete(called),
    );
    this.#asides.set(called, { kind: 'knocking', call });
    call.start();
    return true;
  }

  /** The line that was on hold has hung up. */
  heldGone(holder: SubscriberLine): void {
    this.#asides.delete(holder);
  }

  flashed(line: SubscriberLine): void {
    const talk = talkOf(line.use);
    const aside = this.#asides.get(line);
    this.#plant.report({ event: 'flash', line: line.number });
    if (aside?.kind === 'knocking') this.#answerKnock(line, aside.call);
    else if (aside && talk && aside.by === 'call-waiting') this.#swap(line, aside.path, talk);
    else if (aside && talk) this.#joinThree(line, aside.path, talk);
    else if (aside) this.#comeBack(line, aside.path);
    else if (talk?.controller === line) talk.dropLast();
    else if (talk && mayConsult(line) && !talk.controller) this.#consult(line, talk);
  }

  /** The line is free already; `use` is what it was engaged in. */
  hungUp(line: SubscriberLine, use: LineUse): void {
    this.#undisturbed.delete(line);
    const aside = this.#asides.get(line);
    this.#asides.delete(line);
    if (aside?.kind === 'knocking') this.#ringKnocker(line, use, aside.call);
    else if (aside?.by === 'call-waiting') this.#ringHeld(line, use, aside.path);
    else if (aside) this.#leave(line, use, aside.path);
    else if (use instanceof TalkPath && use.controller === line && !hasService(line, 'transfer')) use.part();
    else {
      if (use instanceof TalkPath && use.controller === line) this.#reportTransfer(line, use);
      use.released(line);
    }
  }

  #consult(line: SubscriberLine, path: TalkPath): void {
    this.#hold(line, path, 'consultation');
    this.#outcome.recall(line);
  }

  #hold(line: SubscriberLine, path: TalkPath, by: 'consultation' | 'call-waiting'): void {
    this.#plant.report({ event: 'held', line: line.number, other: path.farEndOf(line).number });
    path.hold(line);
    this.#asides.set(line, { kind: 'held', path, by });
  }

  #resume(line: SubscriberLine, path: TalkPath): void {
    this.#plant.report({ event: 'resumed', line: line.number, other: path.farEndOf(line).number });
    path.resume(line);
  }

  #answerKnock(line: SubscriberLine, call: Knocking): void {
    call.stop();
    // Where the first call has ended meanwhile, nothing is kept on hold.
    this.#asides.delete(line);
    const talk = talkOf(line.use);
    if (talk) this.#hold(line, talk, 'call-waiting');
    else line.use?.released(line);
    this.#outcome.join(call.caller, line, call.circuits);
  }

  #swap(line: SubscriberLine, held: TalkPath, present: TalkPath): void {
    this.#hold(line, present, 'call-waiting');
    this.#resume(line, held);
  }

  #joinThree(line: SubscriberLine, held: TalkPath, present: TalkPath): void {
    if (!held.hasFarEnd(line) || !present.hasFarEnd(line)) return;
    this.#asides.delete(line);
    this.#plant.report({ event: 'joined', line: line.number, other: present.farEndOf(line).number });
    held.join(present, line);
  }

  /** From busy tone, an unfinished number, a telephone that is not answered: back to the first call. */
  #comeBack(line: SubscriberLine, held: TalkPath): void {
    const { use } = line;
    this.#asides.delete(line);
    line.engage(undefined);
    use?.released(line);
    line.hear(tones.silence);
    this.#resume(line, held);
  }

  #ringKnocker(line: SubscriberLine, use: LineUse, call: Knocking): void {
    call.stop();
    use.released(line);
    this.#outcome.ring(call.caller, line, call.circuits);
  }

  #ringHeld(line: SubscriberLine, use: LineUse, held: TalkPath): void {
    use.released(line);
    if (!held.hasFarEnd(line)) {
      held.released(line);
      return;
    }
    const waiting = held.handOver(line);
    this.#outcome.ring(waiting.line, line, waiting.circuits);
  }

  /** Hung up with one call on hold and another one under way or answered. */
  #leave(line: SubscriberLine, use: LineUse, held: TalkPath): void {
    const mayTransfer = hasService(line, 'transfer') && held.hasFarEnd(line);
    const talk = talkOf(use);
    if (mayTransfer && talk?.hasFarEnd(line)) {
      const others = [held.farEndOf(line).number, talk.farEndOf(line).number];
      this.#plant.report({ event: 'transferred', line: line.number, others });
      held.connect(talk, line);
    } else if (mayTransfer && use instanceof Ringing) {
      const waiting = held.handOver(line);
      const others = [waiting.line.number, use.called.number];
      this.#plant.report({ event: 'transferred', line: line.number, others });
      use.handTo(waiting.line, waiting.circuits);
    } else {
      use.released(line);
      held.released(line);
    }
  }

  #reportTransfer(line: SubscriberLine, path: TalkPath): void {
    const others = path.ends.filter((end) => end !== line).map(({ number }) => number);
    this.#plant.report({ event: 'transferred', line: line.number, others });
  }
}

/** The call of a line that talks to somebody who is still there. */
function talkOf(use: LineUse | undefined): TalkPath | undefined {
  return use instanceof TalkPath && !use.isOver ? use : undefined;
}

function mayConsult(line: SubscriberLine): boolean {
  return hasService(line, 'three-way') || hasService(line, 'transfer');
}

function hasService(line: SubscriberLine, service: 'call-waiting' | 'three-way' | 'transfer'): boolean {
  return line.settings.services?.includes(service) ?? false;
}
