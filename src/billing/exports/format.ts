import type { ExportedCall } from '../../store/exports.js';

/** What is known of a file before its first octet is written; the same each time that it is written. */
export interface FileFacts {
  /** Within the series, from 1, without gaps. */
  readonly number: number;
  /** When the export was begun. */
  readonly madeAt: Date;
  readonly records: number;
}

/** What a carrier and we agree on; each format says which of these it takes. */
export interface FormatOptions {
  /** IANA zone of the local times in the file. */
  readonly zone?: string;
  /** Three digits, for numbers that have seven. */
  readonly areaCode?: string;
  /** What the carrier calls this server: three digits of type, seven of identification. */
  readonly sensor?: Sensor;
}

export interface Sensor {
  readonly type: string;
  readonly id: string;
}

/** A call that the format cannot say, or not without being wrong. */
export class LeftOut {
  /** For a person: what of the call, and what to do. */
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Writes the parts of a file. The same call gives the same octets, on any machine, for ever. */
export interface FileForm {
  head(facts: FileFacts): Uint8Array;
  /** `undefined`: a call that files of this format do not tell of, such as one without a charge in a file of charges. */
  record(call: ExportedCall): Uint8Array | LeftOut | undefined;
  tail(facts: FileFacts): Uint8Array;
}

export interface ExportFormat {
  /** For the list of formats. */
  readonly description: string;
  readonly takes: readonly (keyof FormatOptions)[];
  /** Whether a record can say that it takes the place of one in an earlier file. */
  readonly canReplace: boolean;
  form(options: FormatOptions): FileForm;
}

export const noOctets = new Uint8Array(0);

const encoder = new TextEncoder();

export function textOctets(text: string): Uint8Array {
  return encoder.encode(text);
}
