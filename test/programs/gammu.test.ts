import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import type { ReceivedMessage } from '../../src/pstn/messaging/messaging.js';
import { openMessaging } from '../../src/pstn/messaging/open-messaging.js';
import { realClock } from '../../src/time/real-clock.js';
import type { RunningProgram } from './running-program.js';
import { type Line, type Stage, test } from './stage.js';

/** gammu sleeps a second here and there, and asks a modem some forty things before it does anything. */
const limitMs = 90_000;

/** Texts are told to gammu, and shown by it, in the locale's encoding. */
const environment = { LC_ALL: 'C.UTF-8' };

function configuration(stage: Stage, { link, number }: Line, rest: readonly string[] = []): string {
  const lines = ['[gammu]', `device = ${link}`, 'connection = at115200', ...rest, ''];
  return stage.write(`gammu-${number}`, lines.join('\n'));
}

/** What gammu said, when it has ended well. */
async function ended(program: RunningProgram): Promise<string> {
  const code = await program.ended;
  const said = Buffer.from(program.said, 'latin1').toString('utf8');
  expect(code, said).toBe(0);
  return said;
}

test(
  'telephony 6.4 gammu: identifies the modem; sends a long text with an emoji; lists and deletes it at the other mobile; watches network and SIM',
  async ({ stage }) => {
    stage.needs('gammu');
    const [a, b] = [stage.mobile(), stage.mobile()];
    const gammu = (line: Line, ...args: string[]) =>
      ended(stage.start('gammu', ['-c', configuration(stage, line), ...args], { environment }));
    const text = `${'Grüße aus Zürich für 5 €. '.repeat(3)}😀 Ende`;
    const send = ['sendsms', 'TEXT', `+${b.number}`, '-unicode', '-autolen', '500', '-text', text];
    const [identified, sent] = await Promise.all([gammu(b, '--identify'), gammu(a, ...send)]);
    expect(identified).toContain('Manufacturer         : Cordboard\n');
    expect(identified).toMatch(/IMEI +: 00101000\d{7}\n/);
    expect(sent.match(/OK, message reference=\d+/g)).toHaveLength(2);
    const [listed, watched] = await Promise.all([gammu(b, 'getallsms'), gammu(a, 'monitor', '1')]);
    expect(listed).toContain(`Remote number        : "+${a.number}"`);
    expect(listed).toContain('2 SMS parts in 2 SMS sequences');
    expect(watched).toContain('SIM SMS status       : 0 used, 0 unread, 20 locations');
    expect(watched).toMatch(/Network state +: home network\nNetwork +: 001 01 /);
    await gammu(b, 'deleteallsms', '1');
    expect(await gammu(b, 'getallsms')).toContain('0 SMS parts in 0 SMS sequences');
  },
  limitMs,
);

test(
  'telephony 6.4 gammu-smsd: takes a message that gammu sent out of the SIM into its inbox; sends one of three parts out of its outbox',
  async ({ stage }) => {
    stage.needs('gammu', 'gammu-smsd');
    const [a, b] = [stage.mobile(), stage.mobile()];
    const folder = (name: string) => join(stage.folder, name);
    for (const name of ['inbox', 'outbox', 'sent', 'error']) mkdirSync(folder(name));
    const smsd = configuration(stage, b, [
      '[smsd]',
      'service = files',
      `inboxpath = ${folder('inbox')}/`,
      `outboxpath = ${folder('outbox')}/`,
      `sentsmspath = ${folder('sent')}/`,
      `errorsmspath = ${folder('error')}/`,
      'logfile = stderr',
      'loopsleep = 1',
      'commtimeout = 1',
      'receivefrequency = 1',
    ]);
    const daemon = stage.start('gammu-smsd', ['-c', smsd], { environment });
    await daemon.until('Starting phone communication');
    const gammu = configuration(stage, a);
    await ended(
      stage.start('gammu', ['-c', gammu, 'sendsms', 'TEXT', `+${b.number}`, '-text', 'Für den Dämon: [ok]'], {
        environment,
      }),
    );
    const [arrived = ''] = await vi.waitUntil(
      () => {
        const files = readdirSync(folder('inbox'));
        return files.length > 0 && files;
      },
      { timeout: 30_000, interval: 100 },
    );
    expect(arrived).toContain(`+${a.number}`);
    await vi.waitUntil(() => readFileSync(join(folder('inbox'), arrived), 'utf8') === 'Für den Dämon: [ok]', {
      timeout: 10_000,
    });
    const text = `${'one part after another '.repeat(17)}end`;
    await ended(
      stage.start('gammu-smsd-inject', ['-c', smsd, 'TEXT', `+${a.number}`, '-len', '459', '-text', text], {
        environment,
      }),
    );
    await vi.waitUntil(() => readdirSync(folder('sent')).length > 0, { timeout: 40_000, interval: 100 });
    const listed = await ended(stage.start('gammu', ['-c', gammu, 'getallsms'], { environment }));
    expect(listed).toContain('3 SMS parts in 3 SMS sequences');
    expect(readdirSync(folder('error'))).toEqual([]);
  },
  limitMs,
);

test(
  'telephony 6.3 gammu: sends a text in parts to our driver on a pty, and gets its answer, delivery reported',
  async ({ stage }) => {
    stage.needs('gammu');
    const [a, b] = [stage.mobile(), stage.mobile()];
    const received: ReceivedMessage[] = [];
    const driver = await openMessaging(`pty:${b.link}`, {
      clock: realClock,
      log: silentLog,
      receive: async (message) => void received.push(message),
    });
    try {
      const gammu = (...args: string[]) =>
        ended(stage.start('gammu', ['-c', configuration(stage, a), ...args], { environment }));
      const text = `${'Ein Text in zwei Teilen: ж😀 '.repeat(4)}Ende`;
      await gammu('sendsms', 'TEXT', `+${b.number}`, '-unicode', '-autolen', '300', '-text', text);
      await vi.waitUntil(() => received.length > 0, { timeout: 30_000, interval: 50 });
      expect(received).toMatchObject([{ kind: 'text', from: `+${a.number}`, text, missingParts: [] }]);
      const sent = await driver.send(`+${a.number}`, 'Angekommen: §', { reportDelivery: true });
      expect(sent.kind === 'sent' && (await sent.delivery).kind).toBe('delivered');
      expect(await gammu('getallsms')).toContain('Angekommen: §');
    } finally {
      await driver.close();
    }
  },
  limitMs,
);
