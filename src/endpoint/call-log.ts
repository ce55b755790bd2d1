import * as v from 'valibot';
import type { AccountNumber } from '../bytes/account-number.js';
import type { ReceivedFile } from '../session/session.js';
import { appendLineDurably, readIfThere } from './durable-file.js';
import { fileRow, filesOf } from './file-row.js';

const rowSchema = v.object({
  v: v.literal(1),
  at: v.pipe(v.string(), v.isoTimestamp()),
  protocol: v.picklist(['key-exchange', 'data-exchange', 'none']),
  /** Rows of programs that knew version 1 alone have none. */
  version: v.optional(v.nullable(v.picklist([1, 2])), 1),
  receipt: v.optional(v.nullable(v.string()), null),
  peer: v.nullable(
    v.custom<AccountNumber>((value) => typeof value === 'string' && /^[0-9]{12}$/.test(value)),
  ),
  name: v.nullable(v.string()),
  outcome: v.string(),
  step: v.nullable(v.string()),
  reason: v.nullable(v.string()),
  durationSeconds: v.nullable(v.number()),
  octets: v.nullable(v.number()),
  folder: v.nullable(v.string()),
  files: v.array(fileRow),
});

/** One action on the line, successful or not. */
export interface CallLogRow {
  /** When it ended. */
  readonly at: Date;
  /** `none`: the call came to nothing before a protocol was known. */
  readonly protocol: 'key-exchange' | 'data-exchange' | 'none';
  /** Of the protocol; `null`: the call came to nothing before it was known. */
  readonly version: 1 | 2 | null;
  readonly peer: AccountNumber | null;
  /** The peer's name in the address book at that time. */
  readonly name: string | null;
  /** `sent`, `received`, `paired`, or the name of the failure. Sent with a receipt is delivered; version 1 has none. */
  readonly outcome: string;
  /** Where it failed, e.g. `KX-450`. */
  readonly step: string | null;
  readonly reason: string | null;
  /** From CONNECT to the end of the call; `null` without a connection. */
  readonly durationSeconds: number | null;
  /** Content octets on the line. */
  readonly octets: number | null;
  /** Receive Log: the session's folder below the inbox. */
  readonly folder: string | null;
  /** Version 2: the transfer's number, by which its signed receipt is kept (`receipts/<number>.json`, or the inbox's record). */
  readonly receipt: string | null;
  readonly files: readonly ReceivedFile[];
}

/** The Send Log or the Receive Log: NDJSON, only ever added to, each row on the disk before the action ends. */
export class CallLog {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  append(row: CallLogRow): Promise<void> {
    return appendLineDurably(this.#path, JSON.stringify({ v: 1, ...row }));
  }

  /** Oldest first. A line that a crash left unfinished is passed over. */
  async read(): Promise<CallLogRow[]> {
    const lines = (await readIfThere(this.#path))?.split('\n') ?? [];
    return lines.flatMap((line) => {
      const row = v.safeParse(v.pipe(v.string(), v.parseJson(), rowSchema), line);
      if (!row.success) return [];
      const { v: _, at, files, ...rest } = row.output;
      return [{ ...rest, at: new Date(at), files: filesOf(files) }];
    });
  }
}
