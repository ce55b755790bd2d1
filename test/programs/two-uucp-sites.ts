import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { RunningProgram } from './running-program.js';
import { type Line, lineRate, type Stage } from './stage.js';
import { uucpSite } from './taylor-uucp.js';

const login = { name: 'ua', word: 'secret' };

/** The lines of two sites, and what the first one dials for the second. */
export interface Sites {
  readonly caller: Line;
  readonly called: Line;
  readonly phone: string;
}

/** Two sites of UUCP on two lines. The first has a file in its queue for the second. */
export async function twoSites(stage: Stage, { caller: a, called: b, phone }: Sites, content: Buffer) {
  const protocol = [
    'protocol g',
    'protocol-parameter g packet-size 1024',
    'protocol-parameter g window 7',
    '',
  ];
  const chat = `chat "" \\d\\r\\c ogin: ${login.name} word: ${login.word}`;
  // A bare # begins a comment.
  const dialled = phone.replace('#', '\\#');
  const other = ['system siteb', 'time any', 'port line', `phone ${dialled}`, chat, 'local-send /'];
  const here = uucpSite(stage, 'sitea', a, [...other, ...protocol].join('\n'));
  const caller = ['system sitea', `called-login ${login.name}`, 'remote-receive ~'];
  const there = uucpSite(stage, 'siteb', b, [...caller, ...protocol].join('\n'));
  stage.write('siteb/passwords', `${login.name} ${login.word}\n`);
  const file = stage.write('large.bin', content);
  const queue = stage.start('uucp', ['-I', here, '-r', file, 'siteb!~/large.bin']);
  expect(await queue.ended, queue.said).toBe(0);

  const received = join(stage.folder, 'siteb/inbox/large.bin');
  return {
    /** One uucico dials; when the modem of the other site has answered, another takes over there. */
    async call(): Promise<{ caller: RunningProgram; called: RunningProgram }> {
      const line = stage.descriptor(b);
      const answering = await stage.answering(b);
      const caller = stage.start('uucico', ['-q', '-I', here, '-r1', '-S', 'siteb', '-D']);
      await answering.readUntil(`CONNECT ${lineRate}\r\n`, 60_000);
      return { caller, called: stage.start('uucico', ['-q', '-I', there, '-l'], { line }) };
    },
    log: (site: 'sitea' | 'siteb') => readFileSync(join(stage.folder, site, 'Log'), 'latin1'),
    isArriving: () =>
      readdirSync(join(stage.folder, 'siteb/spool'), { recursive: true, encoding: 'utf8' }).some((name) =>
        name.includes('.Temp/sitea/'),
      ),
    hasArrived: () => existsSync(received) && readFileSync(received).equals(content),
  };
}
