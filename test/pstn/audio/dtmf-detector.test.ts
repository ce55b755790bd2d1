import { describe, expect, test } from 'vitest';
import { DtmfDetector } from '../../../src/pstn/audio/dtmf-detector.js';
import { cadenced, dtmfBurst, sines } from '../../../src/pstn/audio/oscillator.js';
import { cadences, dtmfKeys, dtmfPair } from '../../../src/pstn/audio/tone-plan.js';
import type { DtmfSymbol } from '../../../src/pstn/signals.js';
import { noisy } from './noise.js';

const keys = [...dtmfKeys.join('')] as DtmfSymbol[];
const silence = (ms: number) => new Int16Array(ms * 8);

function joined(...parts: readonly Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

interface Press {
  readonly ms?: number;
  /** Of the frequency, as a fraction. */
  readonly rowOff?: number;
  readonly columnOff?: number;
  readonly rowDbm0?: number;
  readonly columnDbm0?: number;
  readonly signalToNoiseDb?: number;
}

/** Every key, at seventeen places between the detector's windows. @returns shares of keys heard right and wrong */
function heardShares(press: Press): { readonly right: number; readonly wrong: number } {
  const { ms = 40, rowOff = 0, columnOff = 0, rowDbm0 = -10, columnDbm0 = -10, signalToNoiseDb } = press;
  let [right, wrong, all] = [0, 0, 0];
  for (const key of keys) {
    const { row, column } = dtmfPair(key);
    const burst = sines(
      [
        { hz: row * (1 + rowOff), levelDbm0: rowDbm0 },
        { hz: column * (1 + columnOff), levelDbm0: columnDbm0 },
      ],
      ms,
    );
    for (let shift = 0; shift < 51; shift += 3, all++) {
      const sound = signalToNoiseDb === undefined ? burst : noisy(burst, signalToNoiseDb, shift);
      const heard = new DtmfDetector().push(joined(new Int16Array(300 + shift), sound, silence(80))).join('');
      if (heard === key) right++;
      else if (heard !== '') wrong++;
    }
  }
  return { right: right / all, wrong: wrong / all };
}

describe('what is a key', () => {
  test.each<Press>([
    { ms: 40 },
    { ms: 40, rowOff: 0.015, columnOff: 0.015 },
    { ms: 40, rowOff: -0.015, columnOff: 0.015 },
    { ms: 40, rowOff: -0.015, columnOff: -0.015 },
    { ms: 40, rowDbm0: -8, columnDbm0: -16 },
    { ms: 40, rowDbm0: -14, columnDbm0: -10 },
    { ms: 40, rowDbm0: -1, columnDbm0: -1 },
    { ms: 40, rowDbm0: -36, columnDbm0: -36 },
    { ms: 40, signalToNoiseDb: 15 },
    { ms: 3_000, signalToNoiseDb: 15 },
  ])('telephony 4.1: always %o', (press) => {
    expect(heardShares(press)).toEqual({ right: 1, wrong: 0 });
  });

  test.each<Press>([
    { ms: 40, signalToNoiseDb: 15, rowOff: 0.015, columnOff: -0.015 },
    { ms: 40, signalToNoiseDb: 15, rowDbm0: -8, columnDbm0: -16, rowOff: 0.015, columnOff: 0.015 },
    { ms: 40, signalToNoiseDb: 15, rowDbm0: -14, columnDbm0: -10, rowOff: -0.015, columnOff: -0.015 },
  ])('telephony 4.1: all limits at once in 98 of 100 cases, and never another key: %o', (press) => {
    const { right, wrong } = heardShares(press);
    expect(right).toBeGreaterThan(0.98);
    expect(wrong).toBe(0);
  });
});

describe('what is none', () => {
  test.each<Press>([
    { ms: 23 },
    { ms: 23, signalToNoiseDb: 15 },
    { ms: 200, rowOff: 0.035 },
    { ms: 200, rowOff: -0.035 },
    { ms: 200, columnOff: 0.035 },
    { ms: 200, columnOff: -0.035 },
    { ms: 200, rowOff: 0.05, columnOff: 0.05 },
    { ms: 200, rowDbm0: -8, columnDbm0: -19 },
    { ms: 200, rowDbm0: -17, columnDbm0: -10 },
    { ms: 200, rowDbm0: -10, columnDbm0: -90 },
    { ms: 200, rowDbm0: -90, columnDbm0: -10 },
    { ms: 200, rowDbm0: -50, columnDbm0: -50 },
  ])('telephony 4.1: %o', (press) => {
    expect(heardShares(press)).toEqual({ right: 0, wrong: 0 });
  });

  test('telephony 4.1: call progress, noise, two rows at once, a key under a louder voice', () => {
    const heard = (samples: Int16Array) => new DtmfDetector().push(samples).join('');
    for (const cadence of Object.values(cadences)) expect(heard(cadenced(cadence, 3_000))).toBe('');
    expect(heard(noisy(sines([{ hz: 1, levelDbm0: -60 }], 10_000), -50, 1))).toBe('');
    const at = (hz: number) => ({ hz, levelDbm0: -10 });
    expect(heard(sines([at(697), at(770), at(1209)], 300))).toBe('');
    expect(heard(sines([at(697), at(1209), { hz: 300, levelDbm0: -4 }], 300))).toBe('');
  });
});

describe('keys one after another', () => {
  test('telephony 4.1: 40 ms on, 40 ms off, also the same key again', () => {
    const number = [...'5550100119*#ABCD'] as DtmfSymbol[];
    for (let shift = 0; shift < 51; shift += 5) {
      const dialled = number.flatMap((key) => [dtmfBurst(key, 40), silence(40)]);
      expect(new DtmfDetector().push(joined(new Int16Array(shift), ...dialled)).join('')).toBe(
        number.join(''),
      );
    }
  });

  test('telephony 4.1: a dropout of 15 ms does not make two of one; another key without a gap is another', () => {
    for (let shift = 0; shift < 51; shift += 5) {
      const detector = new DtmfDetector();
      const parts = [dtmfBurst('8', 100), silence(15), dtmfBurst('8', 100), dtmfBurst('9', 60)];
      expect(detector.push(joined(new Int16Array(shift), ...parts)).join('')).toBe('89');
      expect(detector.held).toBe('9');
      detector.push(silence(60));
      expect(detector.held).toBeUndefined();
    }
  });

  test('telephony 4.1: samples may come in pieces of any length', () => {
    const sound = joined(dtmfBurst('1', 60), silence(60), dtmfBurst('A', 60), silence(60));
    for (const length of [1, 7, 51, 160, 333]) {
      const detector = new DtmfDetector();
      let heard = '';
      for (let at = 0; at < sound.length; at += length) {
        heard += detector.push(sound.subarray(at, at + length)).join('');
      }
      expect(heard).toBe('1A');
    }
  });
});
