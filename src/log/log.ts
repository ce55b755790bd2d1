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
