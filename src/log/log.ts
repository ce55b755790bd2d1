/** Plain values only: what is logged must survive JSON, and no secret may be in it. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What every level below the applications needs of a logger; pino fits it. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** The same log, with these fields in every entry. */
export function logWith(log: Log, always: LogFields): Log {
  return {
    debug: (fields, message) => log.debug({ ...always, ...fields }, message),
    info: (fields, message) => log.info({ ...always, ...fields }, message),
    warn: (fields, message) => log.warn({ ...always, ...fields }, message),
    error: (fields, message) => log.error({ ...always, ...fields }, message),
  };
}
