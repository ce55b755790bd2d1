import { expect } from 'vitest';
import { lineRate, test } from './stage.js';
import { uucpSite } from './taylor-uucp.js';

test.concurrent('AL-4 AL-5 cu: dials with its own Hayes chat, talks, hangs up by escape and DTR', async ({
  stage,
}) => {
  stage.needs('cu');
  const [a, b] = [stage.line(), stage.line()];
  const called = await stage.answering(b);
  const cu = stage.start('cu', ['-I', uucpSite(stage, 'here', a), '-p', 'line', b.number], {
    onTerminal: true,
  });
  await called.readUntil('CONNECT');
  await cu.until('Connected.');
  called.write('welcome\r\n');
  await cu.until('welcome');
  cu.type('cu is here\r');
  await called.readUntil('cu is here\r');
  cu.type('~.');
  await cu.until('Disconnected.');
  expect(await called.readUntil('NO CARRIER')).toBe('+++\r\nNO CARRIER\r\n');
  expect(await cu.ended).toBe(0);
});

test.concurrent('AL-4 cu: learns that the called line is busy, says so and ends', async ({ stage }) => {
  stage.needs('cu');
  const [a, b] = [stage.line(), stage.line()];
  const busy = stage.typist(b);
  busy.write('ATE0H1\r');
  await busy.readUntil('OK');
  const cu = stage.start('cu', ['-I', uucpSite(stage, 'here', a), '-p', 'line', b.number], {
    onTerminal: true,
  });
  await cu.until('BUSY');
  expect(await cu.ended).not.toBe(0);
});

test.concurrent('AL-4 cu: is told by a hang-up of its terminal line that the far end is gone', async ({
  stage,
}) => {
  stage.needs('cu');
  const [a, b] = [stage.line(), stage.line()];
  const called = await stage.answering(b);
  const cu = stage.start('cu', ['-I', uucpSite(stage, 'here', a), '-p', 'line', b.number], {
    onTerminal: true,
  });
  await called.readUntil(`CONNECT ${lineRate}`);
  await cu.until('Connected.');
  called.close();
  await cu.until('Got hangup signal');
  await cu.until('Disconnected.');
  expect(await cu.ended).not.toBe('SIGKILL');
});

test.concurrent('AL-4 cu: a second one on the same line is kept off by the lock, and the call goes on', async ({
  stage,
}) => {
  stage.needs('cu');
  const [a, b] = [stage.line(), stage.line()];
  const called = await stage.answering(b);
  const site = uucpSite(stage, 'here', a);
  const first = stage.start('cu', ['-I', site, '-p', 'line', b.number], { onTerminal: true });
  await called.readUntil(`CONNECT ${lineRate}\r\n`);
  await first.until('Connected.');
  const second = stage.start('cu', ['-I', site, '-p', 'line', b.number], { onTerminal: true });
  await second.until('All matching ports in use');
  expect(await second.ended).not.toBe(0);
  called.write('still here\r\n');
  await first.until('still here');
});
