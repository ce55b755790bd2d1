import { asterisk } from './asterisk.js';
import { baf } from './baf.js';
import { emi } from './emi.js';
import type { ExportFormat } from './format.js';
import { freeswitch } from './freeswitch.js';
import { csv, ndjson } from './own-forms.js';

/** By the names that the command and the database have for them. */
export const formats = { asterisk, freeswitch, baf, emi, csv, ndjson } as const satisfies Record<
  string,
  ExportFormat
>;

export type FormatName = keyof typeof formats;

export const formatNames = Object.keys(formats) as FormatName[];
