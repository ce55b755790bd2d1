import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** One call's work for a pair of programs that find the line on their standard input and output. */
export interface PeerWork {
  readonly folder: string;
  readonly names: readonly string[];
  readonly inbox: string;
  /** For what the programs keep between two calls. */
  readonly spool: string;
  /** The second call, after the line was lost. */
  readonly isAgain: boolean;
  /** As far as people know. */
  readonly isErrorFree: boolean;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

/** A program that people use for this today, as its manual says that it is used on such a line. */
export interface Peer {
  readonly name: string;
  /** All of them must be installed. */
  readonly programs: readonly string[];
  prepare(work: PeerWork): { readonly sender: Command; readonly receiver: Command };
  /** Where the sender writes down that all is across: it knows so before its end, and its exit code does not tell. */
  isReceipted?(work: PeerWork): boolean;
}

/** `-8`: blocks up to 8 KiB; `-r`: goes on where a file was left. */
export const zmodem: Peer = {
  name: 'sz -8',
  programs: ['sz', 'rz'],
  prepare: ({ folder, names, inbox }) => ({
    sender: { file: 'sz', args: ['-b', '-q', '-8', '-r', ...names], cwd: folder },
    receiver: { file: 'rz', args: ['-b', '-q', '-r'], cwd: inbox },
  }),
};

/**
 * Set up as its manual advises for modems: no more characters prefixed than the line needs, long packets, a
 * strong check; streaming where the line has no errors, else a full window.
 */
export const kermit: Peer = {
  name: 'C-Kermit',
  programs: ['kermit'],
  prepare: ({ folder, names, inbox, spool, isAgain, isErrorFree }) => {
    const common = [
      'set file type binary',
      'set file incomplete keep',
      'set transfer display none',
      `set prefixing ${isErrorFree ? 'none' : 'minimal'}`,
      'set repeat counts off',
      'set block-check 3',
      'set delay 0',
      `set streaming ${isErrorFree ? 'on' : 'off'}`,
      'set window 30',
      'set receive packet-length 4000',
    ];
    const verb = isAgain ? 'resend' : 'send';
    return {
      sender: script(
        join(spool, 'send.ksc'),
        [...common, ...names.map((name) => `${verb} ${join(folder, name)}`)],
        spool,
      ),
      receiver: script(join(spool, 'receive.ksc'), [...common, 'server'], inbox),
    };
  },
};

function script(path: string, commands: readonly string[], cwd: string): Command {
  const lines = commands.flatMap((command, index) => [command, `if fail exit ${10 + index}`]);
  writeFileSync(path, [...lines, 'exit 0', ''].join('\n'));
  return { file: 'kermit', args: [path, '-Y', '-q'], cwd };
}

/** `-q`: nothing is left that would go on in the spool. Protocol `i`, the one of its protocols for lines that are not error-free in both directions at once. */
export const uucp: Peer = {
  name: 'UUCP i',
  programs: ['uucico', 'uucp', 'setpriv'],
  prepare: (work) => {
    const [here, there] = [site(work, 'sitea', 'siteb'), site(work, 'siteb', 'sitea')];
    if (!work.isAgain) {
      for (const name of work.names) {
        const queued = spawnSync('setpriv', [
          ...ownRights,
          'uucp',
          ...['-I', here, '-r', join(work.folder, name), `siteb!~/${name}`],
        ]);
        if (queued.status !== 0) throw new Error(`uucp did not queue the file: ${queued.stderr}`);
      }
    }
    return {
      sender: {
        file: 'setpriv',
        args: [...ownRights, uucico, '-q', '-I', here, '-r1', '-S', 'siteb', '-p', 'stdio'],
        cwd: work.spool,
      },
      receiver: { file: 'setpriv', args: [...ownRights, uucico, '-q', '-I', there], cwd: work.spool },
    };
  },
  isReceipted: ({ spool, names }) => {
    const path = join(spool, 'sitea', 'Stats');
    if (!existsSync(path)) return false;
    return (
      readFileSync(path, 'latin1')
        .split('\n')
        .filter((line) => /^[^(]*\([^)]*\) sent /.test(line)).length >= names.length
    );
  },
};

/** The programs' files would make them the user uucp, whose files nobody else can remove. */
const ownRights = ['--no-new-privs'];

/** Not in everybody's PATH. */
const uucico = '/usr/lib/uucp/uucico';

/** @returns the path of the site's configuration */
function site({ spool, inbox }: PeerWork, own: string, other: string): string {
  const folder = join(spool, own);
  const config = join(folder, 'config');
  if (existsSync(config)) return config;
  for (const part of ['spool', 'locks']) mkdirSync(join(folder, part), { recursive: true });
  // Started by root they become the user uucp, whatever rights they were given.
  for (const path of [inbox, folder, join(folder, 'spool'), join(folder, 'locks')]) chmodSync(path, 0o777);
  writeFileSync(join(folder, 'port'), 'port stdio\ntype stdin\n');
  writeFileSync(
    join(folder, 'sys'),
    [
      `system ${other}`,
      'time any',
      'port stdio',
      'chat ""',
      'protocol i',
      'local-send /',
      'remote-receive ~',
      '',
    ].join('\n'),
  );
  writeFileSync(
    config,
    [
      `nodename ${own}`,
      `spool ${folder}/spool`,
      `lockdir ${folder}/locks`,
      `pubdir ${inbox}`,
      `logfile ${folder}/Log`,
      `statfile ${folder}/Stats`,
      `debugfile ${folder}/Debug`,
      `sysfile ${folder}/sys`,
      `portfile ${folder}/port`,
      '',
    ].join('\n'),
  );
  return config;
}

export function isInstalled(program: string): boolean {
  return [...(process.env.PATH ?? '').split(':'), '/usr/lib/uucp'].some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
