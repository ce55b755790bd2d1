import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Line, Stage } from './stage.js';

/** The chat that Debian's package brings for Hayes modems (`/etc/uucp/dial`). */
const hayes = [
  'dialer hayes',
  'chat "" ATZ\\r\\d\\c OK\\r \\dATM0L0E1Q0\\r\\d\\c OK\\r ATDT\\D CONNECT',
  ...['RING', 'NO\\sCARRIER', 'ERROR', 'NO\\sDIALTONE', 'BUSY', 'NO\\sANSWER', 'VOICE'].map(
    (text) => `chat-fail ${text}`,
  ),
  'chat-timeout 60',
  'complete \\d\\d+++\\d\\dATM0H\\r\\c',
  'abort \\d\\d+++\\d\\dATM0H\\r\\c',
  '',
].join('\n');

/**
 * Writes the configuration of a UUCP site whose modem is on `line`.
 * @param sys what goes into its `sys` file
 * @returns the configuration's path, for `-I`
 */
export function uucpSite(stage: Stage, name: string, line: Line, sys = ''): string {
  const folder = join(stage.folder, name);
  const own = (part: string) => join(folder, part);
  for (const part of ['spool', 'locks', 'inbox']) mkdirSync(own(part), { recursive: true });
  // Started by root, uucico becomes the user uucp.
  for (const path of [folder, own('spool'), own('locks'), own('inbox')]) chmodSync(path, 0o777);
  stage.write(join(name, 'dial'), hayes);
  stage.write(join(name, 'port'), `port line\ntype modem\ndevice ${line.link}\ndialer hayes\nspeed 38400\n`);
  stage.write(join(name, 'sys'), sys);
  const files = {
    Log: 'logfile',
    Stats: 'statfile',
    Debug: 'debugfile',
    sys: 'sysfile',
    port: 'portfile',
    dial: 'dialfile',
  };
  const folders = { spool: 'spool', locks: 'lockdir', inbox: 'pubdir', passwords: 'passwdfile' };
  return stage.write(
    join(name, 'config'),
    [
      `nodename ${name}`,
      ...Object.entries({ ...files, ...folders }).map(([part, key]) => `${key} ${own(part)}`),
      '',
    ].join('\n'),
  );
}
