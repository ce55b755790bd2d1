import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { RunningProgram } from './running-program.js';
import { lineRate, type Stage, test } from './stage.js';
import { uucpSite } from './taylor-uucp.js';

const login = { name: 'ua', word: 'secret' };

/** Two sites of UUCP on two lines. The first has a file in its queue for the second. */
async function twoSites(stage: Stage, content: Buffer) {
  const [a, b] = [stage.line(), stage.line()];
  const protocol = [
    'protocol g',
    'protocol-parameter g packet-size 1024',
    'protocol-parameter g window 7',
    '',
  ];
  const chat = `chat "" \\d\\r\\c ogin: ${login.name} word: ${login.word}`;
  const other = ['system siteb', 'time any', 'port line', `phone ${b.number}`, chat, 'local-send /'];
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
      await answering.readUntil(`CONNECT ${lineRate}\r\n`);
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

test.concurrent('AL-4 AL-5 uucico: dials a second one, logs in, sends 1 MiB by protocol g, by both logs nothing twice', async ({
  stage,
}) => {
  stage.needs('uucico');
  const sites = await twoSites(stage, randomBytes(1024 * 1024));
  const { caller, called } = await sites.call();
  expect([await caller.ended, await called.ended], caller.said + called.said).toEqual([0, 0]);
  expect(sites.hasArrived()).toBe(true);
  for (const site of ['sitea', 'siteb'] as const) {
    expect(sites.log(site)).toMatch(/Protocol 'g' packets: sent \d+, resent 0, received \d+/);
    expect(sites.log(site)).toContain('Call complete');
  }
});

test.concurrent('AL-4 uucico: killed in the middle of a file, the other is hung up on, the next call delivers', async ({
  stage,
}) => {
  stage.needs('uucico');
  const sites = await twoSites(stage, randomBytes(400_000));
  const lost = await sites.call();
  await vi.waitUntil(sites.isArriving, { timeout: 30_000 });
  await lost.caller.kill();
  await lost.called.ended;
  expect(sites.log('siteb')).toMatch(/ERROR: (read: Input.output error|Got hangup signal)/);
  expect(sites.hasArrived()).toBe(false);

  const { caller, called } = await sites.call();
  expect([await caller.ended, await called.ended], caller.said + called.said).toEqual([0, 0]);
  expect(sites.hasArrived()).toBe(true);
});
