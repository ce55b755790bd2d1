import { readFileSync, writeFileSync } from 'node:fs';
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** The machine as a Mermaid state diagram: states, events, guards, time-outs and the figure's steps. */
export function stateDiagram(machine: AnyStateMachine): string {
  return ['stateDiagram-v2', ...block(machine.root, edgesOf(machine.root), '  ')].join('\n');
}

/**
 * `readme` with each Mermaid block after `<!-- machine: id -->` drawn from that machine. With UPDATE_DIAGRAMS=1 in
 * the environment the file is rewritten, so that a test that compares the two passes.
 */
export function redrawn(readmePath: URL, machines: readonly AnyStateMachine[]): string {
  const readme = readFileSync(readmePath, 'utf8');
  const text = readme.replace(/(<!-- machine: (\S+) -->\n```mermaid\n)[^`]*(```)/g, (_, start, id, end) => {
    const machine = machines.find((candidate) => candidate.id === id);
    if (!machine) throw new Error(`the README draws a machine that was not given: ${id}`);
    return `${start}${stateDiagram(machine)}\n${end}`;
  });
  if (process.env.UPDATE_DIAGRAMS === '1') writeFileSync(readmePath, text);
  return text;
}

interface Edge {
  readonly from: AnyStateNode;
  readonly to: AnyStateNode;
  readonly label: string;
}

function edgesOf(node: AnyStateNode): Edge[] {
  const own = [...[...node.transitions.values()].flat(), ...(node.always ?? [])].flatMap((transition) =>
    (transition.target ?? []).map((to) => ({ from: node, to, label: labelOf(transition) })),
  );
  return [...own, ...Object.values(node.states).flatMap(edgesOf)];
}

/** One level of nesting; an edge stands where both its ends are known. */
function block(node: AnyStateNode, edges: readonly Edge[], indent: string): string[] {
  const lines = Object.values(node.states).flatMap((child) =>
    Object.keys(child.states).length > 0
      ? [`${indent}state ${child.key} {`, ...block(child, edges, `${indent}  `), `${indent}}`]
      : [],
  );
  for (const initial of node.initial.target ?? []) lines.push(`${indent}[*] --> ${initial.key}`);
  for (const { from, to, label } of edges) {
    if (home(from, to) !== node) continue;
    lines.push(`${indent}${from === node.machine.root ? 'any' : from.key} --> ${to.key}: ${label}`);
  }
  for (const child of Object.values(node.states)) {
    if (child.type === 'final') lines.push(`${indent}${child.key} --> [*]`);
  }
  return lines;
}

/** The innermost compound state that holds both ends. */
function home(from: AnyStateNode, to: AnyStateNode): AnyStateNode {
  let node = from.parent ?? from;
  while (!to.path.slice(0, -1).join('.').startsWith(node.path.join('.')) && node.parent) node = node.parent;
  return node;
}

function labelOf(transition: AnyTransitionDefinition): string {
  const { eventType, guard, meta } = transition;
  const delay = /^xstate\.after\.([^.]+)\./.exec(eventType)?.[1];
  const event = delay ? `after ${delay}` : eventType;
  const condition = guard ? `[${typeof guard === 'object' ? guard.type : guard}]` : '';
  const steps = (meta as { steps?: readonly string[] } | undefined)?.steps?.join(' ') ?? '';
  return [event, condition, steps].filter((part) => part !== '').join(' ') || 'otherwise';
}
