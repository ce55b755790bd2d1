import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { Goertzel } from '../../src/pstn/audio/goertzel.js';
import { dtmfBurst, sines, sinesOfTone } from '../../src/pstn/audio/oscillator.js';
import { meanSquareOf, sampleRate } from '../../src/pstn/audio/pcm.js';
import { type Line, type Stage, testsAt } from './stage.js';

/** vgetty has much to say to its modem between two rings. */
const test = testsAt(0.2);

const messageHz = 600;
const silence = (lengthMs: number) => new Int16Array((lengthMs * sampleRate) / 1000);

/** The caller has five seconds to open its ears. */
const greeting = Int16Array.from([
  ...silence(5_000),
  ...[...'2468'].flatMap((digit) => [...dtmfBurst(digit as '2', 100), ...silence(100)]),
]);

/** What vgetty's own tools make of a sound or of a recording. */
function voiceTools(pipe: string, input?: Int16Array): Buffer {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', pipe], {
    ...(input && { input: Buffer.from(input.buffer) }),
  });
  if (status !== 0) throw new Error(`${pipe}: ${stderr}`);
  return stdout;
}

/** How many tenths of a second hold the message's tone and nothing else to speak of. */
function tenthsOfTone(samples: Int16Array): number {
  const tenth = sampleRate / 10;
  const tone = new Goertzel(messageHz);
  const starts = Array.from({ length: Math.floor(samples.length / tenth) }, (_, index) => index * tenth);
  return starts.filter((at) => {
    const window = samples.subarray(at, at + tenth);
    tone.measure(Float64Array.from(window));
    return tone.power > 0.9 * meanSquareOf(window) && tone.power > 0;
  }).length;
}

/** Its configuration and its log have one place each: here it sees other folders there. */
function vgettyOn(stage: Stage, { link }: Line) {
  const voice = join(stage.folder, 'voice');
  for (const folder of ['etc', 'log', 'voice/incoming', 'voice/messages']) {
    mkdirSync(join(stage.folder, folder), { recursive: true });
  }
  stage.write('etc/mgetty.config', '');
  stage.write(
    'etc/voice.conf',
    [
      'part generic',
      `voice_dir ${voice}`,
      'backup_message standard.rmd',
      'phone_group root',
      'port_speed 115200',
      'rec_compression 8',
      'rec_speed 8000',
      'beep_length 300',
      'forceV253 true',
      'program vgetty',
      'rings 2',
      'ring_report_delay 5',
      'answer_mode voice',
      '',
    ].join('\n'),
  );
  stage.write(
    'voice/messages/standard.rmd',
    voiceTools('lintopvf -W -S -I | pvftormd V253modem 8', greeting),
  );
  const device = realpathSync(link).replace('/dev/', '');
  stage.atEnd(() => rmSync(`/var/lock/LCK..${device.replace('/', '_')}`, { force: true }));
  const mount = (own: string, place: string) => `mount --bind ${join(stage.folder, own)} ${place}`;
  const mounts = [mount('etc', '/etc/mgetty'), mount('log', '/var/log/mgetty')].join(' && ');
  return {
    vgetty: stage.start('unshare', ['-m', 'sh', '-c', `${mounts} && exec vgetty -x 4 ${device}`]),
    log: join(stage.folder, `log/vg_${device.replace('/', '-')}.log`),
    incoming: join(voice, 'incoming'),
  };
}

test('AL-4 AL-5 vgetty: answers with voice, plays its greeting, records what the caller plays, ends when the caller is gone', async ({
  stage,
}) => {
  stage.needs('vgetty');
  stage.needsRoot('vgetty');
  stage.needsOwnFolders('vgetty');
  const [a, b] = [stage.line(), stage.line()];
  const { vgetty, log, incoming } = vgettyOn(stage, b);
  await vi.waitUntil(() => existsSync(log) && readFileSync(log, 'latin1').includes('waiting...'), {
    timeout: 30_000,
  });

  const caller = stage.typist(a);
  caller.write('ATE0+FCLASS=8;+VSM=1,8000;+VRA=10\r'); // answered is who does not ring for a second
  await caller.readUntil('OK');
  caller.write(`ATDT${b.number}\r`);
  await caller.readUntil('VCON', 40_000);
  caller.write('AT+VRX\r');
  const heard = await caller.readUntil('\x108');
  const events = heard.split('\x10').map((afterDle) => afterDle.charAt(0));
  expect(events.filter((event) => /\d/.test(event)).join('')).toBe('2468');
  caller.write('\x10!');
  await caller.readUntil('OK');

  caller.write('AT+VTX\r');
  await caller.readUntil('CONNECT');
  const message = sines(sinesOfTone([messageHz]), 5_000);
  await caller.writeAll(Uint8Array.from(message, (sample) => 128 + (sample >> 8)));
  caller.write('\x10\x03');
  await caller.readUntil('OK');
  caller.write('ATH\r');
  await caller.readUntil('OK');
  await vgetty.ended;

  const [recording = 'none', ...others] = readdirSync(incoming);
  expect(others).toEqual([]);
  expect(recording).toContain(a.number);
  const linear = voiceTools(`rmdtopvf ${join(incoming, recording)} | pvftolin -W -S -I`);
  const samples = Int16Array.from({ length: linear.length >> 1 }, (_, index) =>
    linear.readInt16LE(2 * index),
  );
  expect(tenthsOfTone(samples)).toBeGreaterThan(15);
});
