import type { NetworkEvent } from '../pstn/central-office/events.js';

/** An event of the network as a line for people: seconds since the beginning, the line, what happened there. */
export function networkEventText(atMs: number, { event, line, ...what }: NetworkEvent): string {
  const details = Object.values(what).flat().join(' ');
  return `${(atMs / 1_000).toFixed(3).padStart(10)} s  ${line.padEnd(10)}  ${event} ${details}`.trimEnd();
}

/** The same as one line of JSON. */
export function networkEventJson(atMs: number, event: NetworkEvent): string {
  return JSON.stringify({ v: 1, seconds: Number((atMs / 1_000).toFixed(3)), ...event });
}
