import { StoreUnavailable } from './store.js';

/**
 * What a failed statement means for the next step: `undone`, the database rolled it back; `lost`, the connection
 * went and nobody knows; `down`, it cannot serve now; `bug`, the statement itself was wrong.
 */
export type Failure = 'undone' | 'lost' | 'down' | 'bug';

/** SQLSTATEs by code or class (PostgreSQL manual, appendix A). */
const byState: Readonly<Record<string, Failure>> = {
  '40001': 'undone', // serialization failure
  '40P01': 'undone', // deadlock
  '57P01': 'lost', // the administrator ends the session
  '57P02': 'lost', // crash of another session
  '57P03': 'lost', // starting up
  '57014': 'down', // statement timeout
  '55P03': 'down', // lock not available
  '25006': 'down', // read only: a replica
  '08': 'lost',
  '28': 'down', // authorisation
  '3D': 'down', // no such database
  '53': 'down', // disk full, too many connections
  '58': 'down', // input or output error
  XX: 'down', // corrupt data
};

/** Codes of Node's sockets and of the driver when a connection ends or cannot be made. */
const connectionCodes = new Set([
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTUNREACH',
    'ENETUNREACH',
  ],
  ...['ENOENT', 'EACCES', 'CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT'],
]);

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

export function failureOf(error: unknown): Failure {
  const code = codeOf(error);
  if (error instanceof StoreUnavailable) return 'down';
  return connectionCodes.has(code) ? 'lost' : (byState[code] ?? byState[code.slice(0, 2)] ?? 'bug');
}

/** What a person should know: what happened, where, what to do. The cause carries the database's own words. */
export function explain(error: unknown, place: string): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(`${place}: ${advice(codeOf(error), error)}`, { cause: error });
}

function advice(code: string, error: unknown): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no such host. Correct the host name in DATABASE_URL.';
    case '28P01':
    case '28000':
      return "the server refused the user name or password. Correct DATABASE_URL, or the server's pg_hba.conf.";
    case '3D000':
      return 'there is no such database. Create it (createdb), or correct DATABASE_URL.';
    case '57014':
    case '55P03':
      return 'the statement took too long and was given up. The database is overloaded or a lock is held.';
    case '25006':
      return 'the server is read-only, a replica perhaps. Point DATABASE_URL at the primary.';
    case '53100':
      return 'the disk of the database is full. Free some space.';
    case '53300':
      return 'the server has no connection free. Raise its max_connections, or stop other clients.';
  }
  if (connectionCodes.has(code)) {
    return `no connection (${code}). Start the PostgreSQL server, or correct DATABASE_URL.`;
  }
  return `cannot serve (${error instanceof Error ? error.message : String(error)}).`;
}
