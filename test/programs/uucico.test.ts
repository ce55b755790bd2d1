import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { lineRate, test } from './stage.js';
import { uucpSite } from './taylor-uucp.js';

const login = { name: 'ua', word: 'secret' };

test('AL-4 AL-5 uucico: dials a second one, logs in, sends 1 MiB by protocol g; by both logs nothing was sent twice', async ({
  stage,
}) => {
  stage.needs('uucico');
  const [a, b] = [stage.line(), stage.line()];
  const protocol = ['protocol g', 'protocol-parameter g packet-size 1024', 'protocol-parameter g window 7'];
  const here = uucpSite(
    stage,
    'sitea',
    a,
    [
      'system siteb',
      'time any',
      'port line',
      `phone ${b.number}`,
      `chat "" \\d\\r\\c ogin: ${login.name} word: ${login.word}`,
      'local-send /',
      ...protocol,
      '',
    ].join('\n'),
  );
  const there = uucpSite(
    stage,
    'siteb',
    b,
    ['system sitea', `called-login ${login.name}`, 'remote-receive ~', ...protocol, ''].join('\n'),
  );
  stage.write('siteb/passwords', `${login.name} ${login.word}\n`);
  const content = randomBytes(1024 * 1024);
  const file = stage.write('large.bin', content);

  const queue = stage.start('uucp', ['-I', here, '-r', file, 'siteb!~/large.bin']);
  expect(await queue.ended, queue.said).toBe(0);
  const line = stage.descriptor(b);
  const answering = await stage.answering(b);
  const caller = stage.start('uucico', ['-q', '-I', here, '-r1', '-s', 'siteb', '-D']);
  await answering.readUntil(`CONNECT ${lineRate}\r\n`);
  const called = stage.start('uucico', ['-q', '-I', there, '-l'], { line });
  expect([await caller.ended, await called.ended], caller.said + called.said).toEqual([0, 0]);

  expect(readFileSync(join(stage.folder, 'siteb/inbox/large.bin')).equals(content)).toBe(true);
  for (const site of ['sitea', 'siteb']) {
    const log = readFileSync(join(stage.folder, site, 'Log'), 'latin1');
    expect(log).toMatch(/Protocol 'g' packets: sent \d+, resent 0, received \d+/);
    expect(log).toContain('Call complete');
  }
});
