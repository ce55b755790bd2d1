import type { Clock, Timer } from '../../../time/clock.js';
import type { SubscriberLine } from '../subscriber-line.js';
import { isTelephoneAction, type LineAction, type ScenarioEvent } from './scenario.js';
import { ScriptedTelephone } from './scripted-telephone.js';

/** A scenario under way on a network. With the same seed and nobody else on the lines, the same calls come of it. */
export class ScenarioRun {
  readonly #timers: Timer[];
  readonly #telephones = new Map<string, ScriptedTelephone>();
  readonly #clock: Clock;

  /** Begins at once. @param lineOf throws where there is none of that number */
  constructor(events: readonly ScenarioEvent[], lineOf: (number: string) => SubscriberLine, clock: Clock) {
    this.#clock = clock;
    for (const { line, action } of events) {
      const subscriber = lineOf(line);
      if (isTelephoneAction(action) && !this.#telephones.has(line))
        this.#telephones.set(line, new ScriptedTelephone(subscriber, clock));
    }
    this.#timers = events.map(({ atMs, line, action }) =>
      clock.setTimeout(() => {
        if (isTelephoneAction(action)) this.#telephones.get(line)?.act(action);
        else befall(lineOf(line), action);
      }, atMs),
    );
  }

  /** Nothing further happens. */
  stop(): void {
    for (const timer of this.#timers) this.#clock.clearTimeout(timer);
    for (const telephone of this.#telephones.values()) telephone.stop();
  }
}

function befall(line: SubscriberLine, action: LineAction): void {
  switch (action.do) {
    case 'cut':
    case 'mend':
      line.cut(action.do === 'cut');
      break;
    case 'stick-off-hook':
    case 'unstick':
      line.stickOffHook(action.do === 'stick-off-hook');
      break;
    case 'drop-carrier':
      line.dropCarrier();
      break;
    case 'retrain':
      line.retrain();
      break;
    case 'change-rate':
      line.changeRate(action.rate);
  }
}
