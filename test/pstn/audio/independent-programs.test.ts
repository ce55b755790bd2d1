import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DtmfDetector } from '../../../src/pstn/audio/dtmf-detector.js';
import { cadenced, dtmfBurst } from '../../../src/pstn/audio/oscillator.js';
import { ToneDetector } from '../../../src/pstn/audio/tone-detector.js';
import { cadences, dtmfKeys, dtmfPair } from '../../../src/pstn/audio/tone-plan.js';
import type { DtmfSymbol } from '../../../src/pstn/signals.js';
import { needs } from '../../support/needs.js';

const keys = [...dtmfKeys.join('')] as DtmfSymbol[];
const linear = ['-t', 'raw', '-r', '8000', '-e', 'signed', '-b', '16', '-c', '1'];

/** Runs a program to its end. @returns its standard output */
function run(command: string, args: readonly string[], input?: Uint8Array): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    input,
    timeout: 20_000,
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${command} failed: ${error ?? stderr}`);
  return stdout;
}

function octetsOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

function samplesOf(octets: Buffer): Int16Array {
  return Int16Array.from({ length: octets.length >> 1 }, (_, index) => octets.readInt16LE(2 * index));
}

/** What sox makes: sines at once for so long, then silence. */
function soxTone(hz: readonly number[], onSeconds: number, offSeconds: number, gainDb = -10): Int16Array {
  const synth = hz.flatMap((it, index) => [
    'synth',
    String(onSeconds),
    'sine',
    ...(index === 0 ? [] : ['mix']),
    String(it),
  ]);
  const effects = [...synth, 'gain', String(gainDb), 'pad', '0', String(offSeconds)];
  return samplesOf(run('sox', ['-R', '-n', ...linear, '-', ...effects]));
}

function joined(parts: readonly Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

test('telephony 4.1 sox: all sixteen DTMF keys that it makes are heard', (context) => {
  needs(context, 'sox');
  const dialled = keys.map((key) => {
    const { row, column } = dtmfPair(key);
    return soxTone([row, column], 0.06, 0.06);
  });
  expect(new DtmfDetector().push(joined(dialled)).join('')).toBe(keys.join(''));
});

test('telephony 4.2 sox: dial tone, ring-back, busy, reorder and a special information tone that it makes are heard', (context) => {
  needs(context, 'sox');
  const repeated = (times: number, piece: Int16Array) => Array.from({ length: times }, () => piece);
  const heard = (...parts: readonly Int16Array[]) =>
    new ToneDetector().push(joined(parts)).map((it) => (it.kind === 'sit' ? it.sit : it.kind));
  expect(heard(soxTone([350, 440], 2, 0.1))).toEqual(['dial-tone']);
  expect(heard(...repeated(2, soxTone([440, 480], 2, 4)))).toEqual(['ring-back', 'ring-back']);
  expect(heard(...repeated(4, soxTone([480, 620], 0.5, 0.5)))).toEqual(['busy']);
  expect(heard(...repeated(4, soxTone([480, 620], 0.25, 0.25)))).toEqual(['reorder']);
  const vacant = [soxTone([985.2], 0.38, 0), soxTone([1370.6], 0.274, 0), soxTone([1776.7], 0.38, 0.2)];
  expect(heard(...vacant)).toEqual(['vacant-code']);
});

test('telephony 4.2 sox: it finds the frequencies and the level of the dial tone made here', (context) => {
  needs(context, 'sox');
  const dial = octetsOf(cadenced(cadences.dial, 1_024));
  const analysed = (...effect: readonly string[]) => {
    const { stderr } = spawnSync('sox', [...linear, '-', '-n', ...effect], { input: dial, encoding: 'utf8' });
    return stderr;
  };
  const spectrum = analysed('stat', '-freq')
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter((row): row is [number, number] => row.length === 2 && row.every(Number.isFinite));
  const strongest = spectrum.sort((a, b) => b[1] - a[1]).slice(0, 12);
  expect(strongest.every(([hz]) => Math.abs(hz - 350) < 6 || Math.abs(hz - 440) < 6)).toBe(true);
  // Twice -13 dBm0 is -10 dBm0; 0 dBm0 is 3.17 dB below mu-law's full sine, that 0.04 below 16 bits', that 3.01 below 0 dB.
  const rms = Number(/RMS lev dB\s+(-?[\d.]+)/.exec(analysed('stats'))?.[1]);
  expect(rms).toBeCloseTo(-10 - 3.17 - 0.04 - 3.01, 1);
});

test('telephony 4.1 multimon-ng: it reads all sixteen DTMF keys made here', (context) => {
  needs(context, 'multimon-ng', 'sox');
  const folder = mkdtempSync(join(tmpdir(), 'dtmf-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys.raw');
  const dialled = keys.flatMap((key) => [dtmfBurst(key, 95), new Int16Array(760)]);
  // It wants 22,050 samples a second.
  const resampled = ['-t', 'raw', '-r', '22050', '-e', 'signed', '-b', '16', '-c', '1', '-'];
  writeFileSync(file, run('sox', [...linear, '-', ...resampled], octetsOf(joined(dialled))));
  const read = run('multimon-ng', ['-q', '-a', 'DTMF', '-t', 'raw', file]).toString();
  expect([...read.matchAll(/^DTMF: (.)$/gm)].map(([, key]) => key).join('')).toBe(keys.join(''));
});

test('fault 42 espeak-ng: in two minutes of what it says there is no key and no tone', (context) => {
  needs(context, 'espeak-ng', 'sox');
  const sentence = `
    The quick brown fox jumps over the lazy dog. She had your dark suit in greasy wash water all year.
    Please leave your name, your number and a short message after the tone, and we will call you back.
    Five, six, seven, eight, nine, ten, eleven, twelve. Who owns the oil? You are all on your own. `;
  for (const voice of ['en', 'en+f3']) {
    const spoken = run('espeak-ng', ['-v', voice, '--stdout', sentence.repeat(3)]);
    const speech = samplesOf(run('sox', ['-t', 'wav', '-', ...linear, '-', 'gain', '-n', '-6'], spoken));
    expect(speech.length).toBeGreaterThan(45 * 8_000);
    expect(new DtmfDetector().push(speech)).toEqual([]);
    expect(new ToneDetector().push(speech)).toEqual([]);
  }
});
