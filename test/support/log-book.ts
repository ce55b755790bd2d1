import type { Log, LogFields } from '../../src/log/log.js';

/** A log that a test can read. */
export class LogBook implements Log {
  readonly entries: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];

  debug(fields: LogFields, message: string): void {
    this.entries.push({ level: 'debug', message, fields });
  }

  info(fields: LogFields, message: string): void {
    this.entries.push({ level: 'info', message, fields });
  }

  warn(fields: LogFields, message: string): void {
    this.entries.push({ level: 'warn', message, fields });
  }

  error(fields: LogFields, message: string): void {
    this.entries.push({ level: 'error', message, fields });
  }

  /** The entries with this message. */
  with(message: string): LogFields[] {
    return this.entries.filter((entry) => entry.message === message).map((entry) => entry.fields);
  }

  /** All of it, for a search. */
  text(): string {
    return this.entries.map((entry) => JSON.stringify(entry)).join('\n');
  }
}
