/** Why the endpoint itself could not do what was asked; the same words name the exit codes. */
export type EndpointErrorOutcome =
  /** What was asked cannot be: a name, an account, a setting, a choice of files. */
  | 'usage'
  /** Another program holds the home or the line. */
  | 'locked'
  | 'wrong-passphrase'
  /** Version 2 is asked for, and there is no subscription. */
  | 'no-subscription'
  /** A file to send is gone, unreadable or changes while it is read. */
  | 'local-error'
  /** The key ring, the address book or a log is missing, damaged or from another endpoint. */
  | 'damaged'
  /** The disk said no; `cause` has its word. */
  | 'store-unavailable'
  | 'line-unavailable';

/** The message is for a person: what happened, what it means, what to do. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError';
  readonly outcome: EndpointErrorOutcome;

  constructor(outcome: EndpointErrorOutcome, message: string, options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
  }
}

/** What the disk answered, in a person's words. */
export function diskError(what: string, cause: unknown): EndpointError {
  return new EndpointError('store-unavailable', `${what}: ${diskReason(cause)}.`, { cause });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not do that there',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full; make room and try again',
  EDQUOT: 'the quota is used up; make room and try again',
  ENOENT: 'it is not there',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EMFILE: 'this process has too many files open',
  EIO: 'the disk reported an input/output error',
};

export function diskReason(cause: unknown): string {
  const code = codeOf(cause);
  return (code && reasons[code]) ?? (cause instanceof Error ? cause.message : String(cause));
}

/** The system's error code, e.g. `ENOENT`. */
export function codeOf(cause: unknown): string | undefined {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}
