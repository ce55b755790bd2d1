import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';

/** Where things are in an endpoint's directory. All of it is its owner's alone: files 0600, folders 0700. */
export interface HomePaths {
  readonly home: string;
  readonly settings: string;
  readonly peers: string;
  readonly keyRing: string;
  readonly lock: string;
  readonly quarantine: string;
  /** Version 2: what has come of transfers that are not filed yet. */
  readonly incoming: string;
  readonly spool: string;
  readonly receipts: string;
  readonly sendLog: string;
  readonly receiveLog: string;
  readonly logs: string;
}

export function homePaths(home: string): HomePaths {
  const logs = join(home, 'logs');
  return {
    home,
    settings: join(home, 'endpoint.toml'),
    peers: join(home, 'peers.json'),
    keyRing: join(home, 'keyring'),
    lock: join(home, 'lock'),
    quarantine: join(home, 'quarantine'),
    incoming: join(home, 'incoming'),
    spool: join(home, 'spool'),
    receipts: join(home, 'receipts'),
    logs,
    sendLog: join(logs, 'send.ndjson'),
    receiveLog: join(logs, 'receive.ndjson'),
  };
}

/** The lock of a line, whose URL may hold anything. */
export function lineLockPath(home: string, url: string): string {
  const digest = createHash('sha256').update(url).digest('hex');
  return join(home, `line-${digest.slice(0, 16)}.lock`);
}

/** `inbox` of the settings; a relative one is below the home. */
export function inboxPath(home: string, inbox: string): string {
  return isAbsolute(inbox) ? inbox : join(home, inbox);
}

/** `$CORDBOARD_HOME`, else the XDG data folder. */
export function defaultHome(environment: NodeJS.ProcessEnv): string {
  const { CORDBOARD_HOME, XDG_DATA_HOME, HOME, USERPROFILE } = environment;
  if (CORDBOARD_HOME) return CORDBOARD_HOME;
  // XDG: a relative path in the variable is invalid and to be ignored.
  const data = XDG_DATA_HOME && isAbsolute(XDG_DATA_HOME) ? XDG_DATA_HOME : undefined;
  return join(data ?? join(HOME ?? USERPROFILE ?? '.', '.local', 'share'), 'cordboard');
}
