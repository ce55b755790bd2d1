import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import { readContent } from '../sms/content.js';
import { parseDataCoding } from '../sms/data-coding.js';
import { parsePdu } from '../sms/pdu.js';
import type { StatusReport } from '../sms/tpdu.js';
import { type Assembly, assemble, type Entry, isComplete, messageOf } from './assemble.js';
import type { MessageChannel } from './message-channel.js';
import type { Receive, ReceivedMessage } from './messaging.js';

const listMs = 30_000;
const deleteMs = 10_000;

/** Messages that were handed over lately, by which those that come twice are known. */
const handedOverMost = 500;

/** Messages that the modem does not keep, while the receiver does not take them: beyond, the oldest are lost. */
const unkeptMost = 100;

/**
 * What the modem has received. Its memory is the only place where parts wait for each other, so a program that dies loses
 * none: each round lists it, puts together what belongs together, hands over what is whole or overdue, and deletes it only
 * then.
 */
export class Incoming {
  readonly #channel: MessageChannel;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #receive: Receive;
  readonly #reported: (report: StatusReport) => void;
  readonly #partsWaitMs: number;
  /** By key of the message: when a part of it was first seen. */
  readonly #firstSeenMs = new Map<string, number>();
  readonly #handedOver = new Set<string>();
  /** What came by `+CMT`: no place, so it is kept here until it is handed over. */
  readonly #unkept: string[] = [];

  constructor(parts: {
    readonly channel: MessageChannel;
    readonly clock: Clock;
    readonly log: Log;
    readonly receive: Receive;
    readonly partsWaitMs: number;
    reported(report: StatusReport): void;
  }) {
    this.#channel = parts.channel;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#receive = parts.receive;
    this.#partsWaitMs = parts.partsWaitMs;
    this.#reported = (report) => parts.reported(report);
  }

  /** The modem gave it and keeps it not. */
  direct(hex: string): void {
    if (this.#handedOver.has(hex) || this.#unkept.includes(hex)) return;
    this.#unkept.push(hex);
    if (this.#unkept.length <= unkeptMost) return;
    this.#unkept.shift();
    this.#log.warn({}, 'a short message that the modem does not keep is lost: the receiver takes none');
  }

  /** False when the modem did not list its messages. */
  async round(): Promise<boolean> {
    const answer = await this.#channel.command('AT+CMGL=4', listMs, '+CMGL:');
    if (answer.kind !== 'ok') return false;
    const entries: Entry[] = [];
    for (const { place, hex } of [
      ...listed(answer.lines),
      ...this.#unkept.map((it) => ({ place: undefined, hex: it })),
    ]) {
      const entry = await this.#read(place, hex);
      if (entry) entries.push(entry);
    }
    const waiting: Assembly[] = [];
    for (const assembly of assemble(entries)) {
      if (isComplete(assembly) || this.#isOverdue(assembly)) await this.#deliver(assembly);
      else waiting.push(assembly);
    }
    this.#forgetSeen(waiting);
    await this.#makeRoom(waiting);
    return true;
  }

  /** Reports are dealt with, and what cannot be read is handed over as it is; the rest is an entry. */
  async #read(place: number | undefined, hex: string): Promise<Entry | undefined> {
    if (this.#handedOver.has(hex)) {
      // It came twice, or could not be deleted when it was handed over.
      await this.#remove({ place, hex });
      return undefined;
    }
    const pdu = parsePdu(hex, true);
    if (pdu.kind === 'pdu' && pdu.tpdu.kind === 'status-report') {
      this.#reported(pdu.tpdu);
      await this.#remove({ place, hex });
      return undefined;
    }
    if (pdu.kind === 'malformed' || pdu.tpdu.kind !== 'deliver') {
      const fault = pdu.kind === 'malformed' ? pdu.fault : 'it is no received message';
      await this.#handOver({ kind: 'unreadable', pdu: hex, fault }, [{ place, hex }]);
      return undefined;
    }
    const deliver = pdu.tpdu;
    const content = readContent(deliver.userData, parseDataCoding(deliver.coding));
    if (!('kind' in content)) return { place, hex, deliver, content };
    await this.#handOver({ kind: 'unreadable', pdu: hex, fault: content.fault }, [{ place, hex }]);
    return undefined;
  }

  #deliver(assembly: Assembly): Promise<void> {
    return this.#handOver(messageOf(assembly), assembly.entries);
  }

  async #handOver(
    message: ReceivedMessage,
    entries: readonly { readonly place: number | undefined; readonly hex: string }[],
  ): Promise<void> {
    try {
      await this.#receive(message);
    } catch (cause) {
      this.#log.warn(
        { cause: cause instanceof Error ? cause.message : String(cause) },
        'a short message could not be handed over; it stays in the modem and is tried again',
      );
      return;
    }
    for (const entry of entries) await this.#remove(entry);
  }

  async #remove({ place, hex }: { readonly place: number | undefined; readonly hex: string }): Promise<void> {
    this.#handedOver.add(hex);
    const [oldest] = this.#handedOver;
    if (this.#handedOver.size > handedOverMost && oldest !== undefined) this.#handedOver.delete(oldest);
    if (place === undefined) {
      const at = this.#unkept.indexOf(hex);
      if (at >= 0) this.#unkept.splice(at, 1);
      return;
    }
    const answer = await this.#channel.command(`AT+CMGD=${place}`, deleteMs);
    if (answer.kind !== 'ok')
      this.#log.info({ place, outcome: answer.kind }, 'a short message was not deleted');
  }

  #isOverdue({ key }: Assembly): boolean {
    const nowMs = this.#clock.monotonicMs();
    const sinceMs = this.#firstSeenMs.get(key) ?? nowMs;
    this.#firstSeenMs.set(key, sinceMs);
    return nowMs - sinceMs >= this.#partsWaitMs;
  }

  #forgetSeen(waiting: readonly Assembly[]): void {
    const keys = new Set(waiting.map(({ key }) => key));
    for (const key of this.#firstSeenMs.keys()) if (!keys.has(key)) this.#firstSeenMs.delete(key);
  }

  /** A memory full of parts takes none of those that they wait for. */
  async #makeRoom(waiting: readonly Assembly[]): Promise<void> {
    const answer = await this.#channel.command('AT+CPMS?', deleteMs, '+CPMS:');
    const line = answer.kind === 'ok' ? answer.lines.find((text) => text.startsWith('+CPMS:')) : undefined;
    const [, used, size] = /^\+CPMS:\s*"\w+",(\d+),(\d+)/.exec(line ?? '') ?? [];
    if (used === undefined || Number(used) < Number(size)) return;
    const kept = waiting.filter(({ entries }) => entries.some(({ place }) => place !== undefined));
    const [oldest] = kept.sort((a, b) => this.#seenMs(a) - this.#seenMs(b));
    this.#log.warn(
      { used: Number(used), unfinished: kept.length },
      "the modem's memory for short messages is full",
    );
    if (oldest) await this.#deliver(oldest);
  }

  #seenMs({ key }: Assembly): number {
    return this.#firstSeenMs.get(key) ?? 0;
  }
}

/** Places and PDUs of received messages (states 0 and 1); drafts are not the driver's. */
function listed(lines: readonly string[]): readonly { readonly place: number; readonly hex: string }[] {
  return lines.flatMap((line, index) => {
    const [, place, state] = /^\+CMGL:\s*(\d+),\s*(\d)/.exec(line) ?? [];
    const hex = lines[index + 1];
    if (place === undefined || hex === undefined || (state !== '0' && state !== '1')) return [];
    return [{ place: Number(place), hex }];
  });
}
