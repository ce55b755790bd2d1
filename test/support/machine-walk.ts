import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  createActor,
  type EventObject,
  getNextTransitions,
} from 'xstate';
import { getAdjacencyMap } from 'xstate/graph';

export interface Walk {
  /** Every transition that some path took, as `state: event`. */
  readonly taken: ReadonlySet<string>;
  /** Every transition that the machine has. */
  readonly all: ReadonlySet<string>;
  /** Every state of the machine and its context that was reached. */
  readonly reached: readonly AnyMachineSnapshot[];
}

/** Sends every event, and every time-out that is pending, in every state that can be reached. */
export function walkMachine(
  machine: AnyStateMachine,
  options: {
    readonly inputs: readonly unknown[];
    events(snapshot: AnyMachineSnapshot): readonly EventObject[];
    /** Leaves out of the context what does not matter, so that states do not multiply. */
    serialize(snapshot: AnyMachineSnapshot): string;
  },
): Walk {
  const taken = new Set<string>();
  const inspect = (inspection: { type: string; _transitions?: AnyTransitionDefinition[] }) => {
    for (const transition of inspection._transitions ?? []) taken.add(nameOf(transition));
  };
  const eventsIn = (snapshot: AnyMachineSnapshot) => [...options.events(snapshot), ...timeOuts(snapshot)];
  const reached: AnyMachineSnapshot[] = [];
  for (const input of options.inputs) {
    createActor(machine, { input, inspect: inspect as never }).start();
    const map = getAdjacencyMap(machine, {
      input,
      events: eventsIn as never,
      serializeState: options.serialize as never,
    } as never) as unknown as Record<string, { readonly state: AnyMachineSnapshot }>;
    for (const { state } of Object.values(map)) {
      reached.push(state);
      if (state.status !== 'active') continue;
      for (const event of eventsIn(state)) {
        const actor = createActor(machine, { input, snapshot: state, inspect: inspect as never });
        actor.subscribe({ error: () => {} });
        actor.start();
        actor.send(event);
        if (actor.getSnapshot().status === 'error') throw actor.getSnapshot().error;
        actor.stop();
      }
    }
  }
  return { taken, all: new Set(transitionsOf(machine.root).map(nameOf)), reached };
}

function timeOuts(snapshot: AnyMachineSnapshot): EventObject[] {
  const types = getNextTransitions(snapshot).map((transition) => transition.eventType);
  return [...new Set(types)].filter((type) => type.startsWith('xstate.after.')).map((type) => ({ type }));
}

/** Every state that waits: atomic, and not left at once. */
export function waitsOf(machine: AnyStateMachine): AnyStateNode[] {
  const walk = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(walk)];
  return walk(machine.root).filter((node) => node.type === 'atomic' && !isLeftAtOnce(node));
}

function isLeftAtOnce(node: AnyStateNode): boolean {
  return (node.always ?? []).some((transition) => transition.guard === undefined);
}

/** Whether the state, or one around it, has a time-out. */
export function isBounded(node: AnyStateNode): boolean {
  return node.after.length > 0 || (node.parent !== undefined && isBounded(node.parent));
}

/** The names of the delays that some state uses. */
export function delaysUsed(machine: AnyStateMachine): Set<string> {
  const delays = transitionsOf(machine.root).map(
    ({ eventType }) => /^xstate\.after\.([^.]+)\./.exec(eventType)?.[1],
  );
  return new Set(delays.filter((delay) => delay !== undefined));
}

function transitionsOf(node: AnyStateNode): AnyTransitionDefinition[] {
  return [
    ...[...node.transitions.values()].flat(),
    ...(node.always ?? []),
    ...Object.values(node.states).flatMap(transitionsOf),
  ];
}

/** Unique: branches of one event are numbered. */
function nameOf(transition: AnyTransitionDefinition): string {
  const { source, eventType } = transition;
  const branches = eventType === '' ? (source.always ?? []) : (source.transitions.get(eventType) ?? []);
  const branch = branches.indexOf(transition);
  return `${source.id}: ${eventType || 'always'}${branches.length > 1 ? ` #${branch}` : ''}`;
}
