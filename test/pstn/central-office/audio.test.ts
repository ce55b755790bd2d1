import { describe, expect, test } from 'vitest';
import { DtmfDetector } from '../../../src/pstn/audio/dtmf-detector.js';
import { dtmfBurst } from '../../../src/pstn/audio/oscillator.js';
import { levelOfPower, meanSquareOf } from '../../../src/pstn/audio/pcm.js';
import { type CallProgress, ToneDetector } from '../../../src/pstn/audio/tone-detector.js';
import { type DtmfSymbol, tones } from '../../../src/pstn/signals.js';
import { telephones } from './telephones.js';

const lines = [{ number: '5550100', delayMs: 30 }, { number: '5550101', delayMs: 12 }, { number: '5550102' }];

function told(progress: readonly CallProgress[]): string[] {
  return progress.map((it) => (it.kind === 'sit' ? `sit ${it.sit}` : it.kind));
}

function level(samples: Int16Array): number {
  return levelOfPower(meanSquareOf(samples));
}

/** A distinct value for each sample, none of them zero. */
function ramp(length: number): Int16Array {
  return Int16Array.from({ length }, (_, index) => (index % 9000) + 100);
}

describe('the exchange is heard', () => {
  test('telephony 4.2: dial tone, at -13 dBm0 for each of its two frequencies', async () => {
    const { phone, run } = telephones(lines);
    phone('5550100').line.offHook();
    const listening = phone('5550100').line.listen();
    await run(300);
    expect(meanSquareOf(listening.read())).toBe(0);
    await run(1_000);
    const heard = listening.read();
    expect(heard).toHaveLength(8_000);
    expect(level(heard)).toBeCloseTo(-10, 1);
    expect(told(new ToneDetector().push(heard))).toEqual(['dial-tone']);
  });

  test('telephony 4.2: ring-back, busy, an unknown number and an unfinished one, by frequency and cadence', async () => {
    const { phone, run, call } = telephones(lines);
    const heardAfter = async (number: string) => {
      const listening = phone('5550100').line.listen();
      await call('5550100', number);
      await run(16_000);
      phone('5550100').line.onHook();
      await run(100);
      return told(new ToneDetector().push(listening.read()));
    };
    expect(await heardAfter('5550101')).toEqual(['ring-back', 'ring-back', 'ring-back']);
    phone('5550102').line.offHook();
    expect(await heardAfter('5550102')).toEqual(['busy']);
    expect(await heardAfter('999')).toEqual(['sit vacant-code', 'sit vacant-code']);
    expect(await heardAfter('555')).toEqual(['reorder']);
  });

  test('telephony 4.2: the howler of a receiver that was left off the hook, loud and not clipped', async () => {
    const { phone, run } = telephones(lines);
    phone('5550100').line.offHook();
    await run(300 + 16_000 + 30_000);
    const listening = phone('5550100').line.listen();
    await run(100);
    const howl = listening.read();
    expect(level(howl)).toBeCloseTo(-3, 0);
    expect(Math.max(...howl)).toBeLessThan(32_767);
    await run(100);
    expect(meanSquareOf(listening.read().subarray(8))).toBe(0);
  });
});

describe('a talking path', () => {
  const connected = async () => {
    const it = telephones(lines);
    await it.connect('5550100', '5550101');
    const [caller, called] = [it.phone('5550100').line, it.phone('5550101').line];
    await it.run(100);
    return { ...it, caller, called };
  };

  test('telephony 2: what one end plays the other hears, sample for sample, one path delay later', async () => {
    const { caller, called, run } = await connected();
    const listening = called.listen();
    const played = ramp(2_000);
    for (let at = 0; at < played.length; at += 160) {
      caller.sendAudio(played.subarray(at, at + 160));
      await run(20);
    }
    await run(100);
    const heard = listening.read();
    expect(heard.subarray(0, 42 * 8).every((sample) => sample === 0)).toBe(true);
    expect(heard.subarray(42 * 8, 42 * 8 + played.length)).toEqual(played);
    expect(heard.subarray(42 * 8 + played.length).every((sample) => sample === 0)).toBe(true);
  });

  test('telephony 2: samples given ahead, or read in odd pieces, make one sound without gaps', async () => {
    const { caller, called, run } = await connected();
    const listening = called.listen();
    const played = ramp(1_600);
    caller.sendAudio(played.subarray(0, 900));
    await run(7);
    caller.sendAudio(played.subarray(900));
    const pieces: number[] = [];
    for (const ms of [1, 40, 3, 99, 100]) {
      await run(ms);
      pieces.push(...listening.read());
    }
    expect(Int16Array.from(pieces.slice(42 * 8, 42 * 8 + 1_600))).toEqual(played);
  });

  test('telephony 2: both ways at once, and an end does not hear itself', async () => {
    const { caller, called, run } = await connected();
    const [atCaller, atCalled] = [caller.listen(), called.listen()];
    caller.sendAudio(ramp(800));
    called.sendAudio(ramp(800).map((sample) => -sample));
    await run(200);
    expect(Math.max(...atCaller.read())).toBe(0);
    expect(Math.min(...atCalled.read())).toBe(0);
  });

  test('telephony 4.1: a DTMF burst and a tone of the far end are heard as audio too', async () => {
    const { caller, called, run } = await connected();
    const listening = called.listen();
    caller.sendDigit('7', 95);
    await run(300);
    const burst = listening.read();
    expect(burst.subarray(42 * 8, (42 + 95) * 8)).toEqual(dtmfBurst('7', 95));
    expect(new DtmfDetector().push(burst)).toEqual(['7']);
    caller.sendTone(tones.answer);
    await run(600);
    caller.sendTone(tones.silence);
    await run(100);
    const answer = listening.read();
    expect(told(new ToneDetector().push(answer))).toEqual(['answer-tone']);
    expect(level(answer.subarray(400, 4_400))).toBeCloseTo(-10, 1);
  });

  test('telephony 2: loud sounds at once are clipped, not folded', async () => {
    const { caller, called, run } = await connected();
    const listening = called.listen();
    caller.sendTone(tones.answer);
    await run(43);
    listening.read();
    caller.sendAudio(new Int16Array(800).fill(32_000));
    await run(100);
    const heard = listening.read().subarray(42 * 8);
    expect(Math.max(...heard)).toBe(32_767);
    expect(Math.min(...heard)).toBeGreaterThan(20_000);
  });

  test('telephony 2: a listener hears what is on its way when it begins, and nothing after it has hung up', async () => {
    const { caller, called, run } = await connected();
    caller.sendAudio(ramp(80));
    await run(5);
    const listening = called.listen();
    await run(100);
    expect(Math.max(...listening.read())).toBe(179);
    caller.sendAudio(ramp(8_000));
    await run(100);
    called.onHook();
    listening.read();
    await run(500);
    expect(Math.max(...listening.read())).toBe(0);
  });

  test('telephony 2: a later listener replaces one that is still there', async () => {
    const { caller, called, run } = await connected();
    const first = called.listen();
    const second = called.listen();
    caller.sendAudio(ramp(80));
    first.close();
    await run(100);
    expect(first.read()).toHaveLength(0);
    expect(second.read()).toHaveLength(800);
  });
});

describe('a noisy line', () => {
  const heardOn = async (seed: number, number = '5550100') => {
    const noisy = { number: '5550100', impairments: { signalToNoiseDb: 20 } };
    const { phone, run, connect } = telephones([noisy, { number: '5550101' }], { seed });
    await connect('5550101', '5550100');
    const listening = phone(number).line.listen();
    await run(1_000);
    const silence = listening.read();
    for (const symbol of [...'159D'] as DtmfSymbol[]) {
      phone(number === '5550100' ? '5550101' : '5550100').line.sendDigit(symbol, 50);
      await run(100);
    }
    return { silence, keys: new DtmfDetector().push(listening.read()).join('') };
  };

  test('telephony 4.1: 20 dB of signal to noise are heard at its end as -30 dBm0, and keys are told from them', async () => {
    const { silence, keys } = await heardOn(1);
    expect(level(silence)).toBeCloseTo(-30, 0);
    expect(keys).toBe('159D');
    expect(level((await heardOn(1, '5550101')).silence)).toBe(Number.NEGATIVE_INFINITY);
  });

  test('telephony 4.1: the same seed makes the same noise, another one another', async () => {
    const { silence } = await heardOn(1);
    expect((await heardOn(1)).silence).toEqual(silence);
    expect((await heardOn(2)).silence).not.toEqual(silence);
  });
});
