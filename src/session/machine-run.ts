import {
  type Actor,
  type AnyStateMachine,
  type EventFromLogic,
  type OutputFrom,
  type Snapshot,
  toPromise,
} from 'xstate';

/**
 * One machine on its way to its output. Effects report their results here as events. A defect (an action
 * that throws, an effect that rejects) ends the run: `outcome` rejects with it, and later events are dropped.
 */
export class MachineRun<Machine extends AnyStateMachine> {
  readonly outcome: Promise<OutputFrom<Machine>>;
  readonly #settle: { resolve(output: OutputFrom<Machine>): void; reject(defect: unknown): void };
  #actor: Actor<Machine> | undefined;

  constructor() {
    const { promise, resolve, reject } = promiseWithResolvers<OutputFrom<Machine>>();
    this.outcome = promise;
    this.#settle = { resolve, reject };
  }

  start(actor: Actor<Machine>): void {
    this.#actor = actor;
    // Subscribed before the start: XState throws a failing action's error from a timer when nobody listens.
    toPromise(actor).then(this.#settle.resolve, this.#settle.reject);
    actor.start();
  }

  report = (event: EventFromLogic<Machine>): void => {
    const snapshot: Snapshot<unknown> | undefined = this.#actor?.getSnapshot();
    if (snapshot?.status === 'active') this.#actor?.send(event);
  };

  /** Reports what `work` resolves to; resolves then. A rejection ends the run, and is nobody else's. */
  answer(work: Promise<EventFromLogic<Machine>>): Promise<void> {
    return work.then(this.report, (defect: unknown) => {
      this.#actor?.stop();
      this.#settle.reject(defect);
    });
  }
}

function promiseWithResolvers<Value>() {
  let resolve: (value: Value) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<Value>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  return { promise, resolve, reject };
}
