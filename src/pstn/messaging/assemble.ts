import { addressText } from '../sms/address.js';
import { type Body, type Content, textOf } from '../sms/content.js';
import type { Deliver } from '../sms/tpdu.js';
import type { ReceivedMessage } from './messaging.js';

/** One message of a listing: a whole one, or a part. */
export interface Entry {
  /** Where the modem keeps it; undefined for one that it does not keep. */
  readonly place: number | undefined;
  /** The PDU as it came; a message that is delivered twice has the same. */
  readonly hex: string;
  readonly deliver: Deliver;
  readonly content: Content;
}

/** Entries that are one message, or as much of it as is there. */
export interface Assembly {
  /** Names it among others, whatever parts of it are there. */
  readonly key: string;
  readonly total: number;
  readonly parts: ReadonlyMap<number, Entry>;
  /** With those that came twice. */
  readonly entries: readonly Entry[];
}

interface Growing extends Assembly {
  readonly parts: Map<number, Entry>;
  readonly entries: Entry[];
}

/**
 * Messages from the parts that are there, in whatever order they came. A part that came twice counts once; another part
 * of the same number begins another message, since senders use their references again.
 */
export function assemble(entries: readonly Entry[]): readonly Assembly[] {
  const found: Growing[] = [];
  for (const entry of [...entries].sort(bySentAt)) {
    const { concatenation } = entry.content;
    const number = concatenation?.number ?? 1;
    const key = keyOf(entry);
    const own = found.find(
      (it) => it.key === key && (!it.parts.has(number) || it.parts.get(number)?.hex === entry.hex),
    );
    const assembly: Growing = own ?? { key, total: concatenation?.total ?? 1, parts: new Map(), entries: [] };
    if (!own) found.push(assembly);
    if (!assembly.parts.has(number)) assembly.parts.set(number, entry);
    assembly.entries.push(entry);
  }
  return found;
}

export function isComplete({ parts, total }: Assembly): boolean {
  return parts.size === total;
}

export function messageOf({ parts, total }: Assembly): ReceivedMessage {
  const numbers = Array.from({ length: total }, (_, index) => index + 1);
  const present = numbers.flatMap((number) => parts.get(number) ?? []);
  const stamps = present.flatMap(({ deliver }) => deliver.sentAt?.utcMs ?? []);
  const [first] = present;
  return {
    kind: 'text',
    from: first ? addressText(first.deliver.from) : '',
    text: textOf(present.map(({ content }): Body => content.body)),
    sentAtUtcMs: stamps.length === 0 ? undefined : Math.min(...stamps),
    missingParts: numbers.filter((number) => !parts.has(number)),
  };
}

function keyOf({ deliver, content, hex }: Entry): string {
  const { concatenation } = content;
  if (!concatenation || concatenation.total === 1) return hex;
  const { reference, referenceBits, total } = concatenation;
  return `${addressText(deliver.from)}/${referenceBits}/${reference}/${total}`;
}

function bySentAt(a: Entry, b: Entry): number {
  return (a.deliver.sentAt?.utcMs ?? 0) - (b.deliver.sentAt?.utcMs ?? 0) || (a.place ?? 0) - (b.place ?? 0);
}
