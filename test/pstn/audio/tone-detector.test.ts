import { describe, expect, test } from 'vitest';
import { cadenced, sines } from '../../../src/pstn/audio/oscillator.js';
import { ToneDetector } from '../../../src/pstn/audio/tone-detector.js';
import { type Burst, cadences, specialInformationTones } from '../../../src/pstn/audio/tone-plan.js';
import { tones } from '../../../src/pstn/signals.js';
import { noisy } from './noise.js';

/** What is heard in `samples` after a silence, in pieces of 20 ms: `busy`, `sit intercept`. */
function heardIn(samples: Int16Array, shift = 0): string[] {
  const sound = new Int16Array(800 + shift + samples.length + 1_600);
  sound.set(samples, 800 + shift);
  const detector = new ToneDetector();
  const heard: string[] = [];
  for (let at = 0; at < sound.length; at += 160) {
    for (const found of detector.push(sound.subarray(at, at + 160))) {
      heard.push(found.kind === 'sit' ? `sit ${found.sit}` : found.kind);
    }
  }
  return heard;
}

/** At eight places between the detector's windows: always the same. */
function alwaysIn(samples: Int16Array): string[] {
  const first = heardIn(samples);
  for (let shift = 25; shift < 200; shift += 25) expect(heardIn(samples, shift)).toEqual(first);
  return first;
}

function bursts(onMs: number, offMs: number): readonly Burst[] {
  return [{ hz: tones.busyOrReorder, onMs, offMs }];
}

describe('the tone plan', () => {
  test.each([
    ['dial', ['dial-tone']],
    ['ringBack', ['ring-back', 'ring-back', 'ring-back']],
    ['busy', ['busy']],
    ['reorder', ['reorder']],
    ['callWaiting', []],
    ['howler', []],
  ] as const)('telephony 4.2: %s', (name, heard) => {
    const sound = cadenced(cadences[name], 13_000);
    expect(alwaysIn(sound)).toEqual(heard);
    expect(heardIn(noisy(sound, 15, 1))).toEqual(heard);
  });

  test('telephony 4.2: stutter dial tone counts when it has become steady', () => {
    const stutter = Array.from({ length: 6 }, () => ({ hz: tones.dial, onMs: 100, offMs: 100 }));
    expect(alwaysIn(cadenced(stutter, 1_200))).toEqual([]);
    expect(alwaysIn(cadenced([...stutter, ...cadences.dial], 3_000))).toEqual(['dial-tone']);
  });

  test.each(Object.entries(specialInformationTones))(
    'telephony 4.2: special information tone, %s',
    (kind, parts) => {
      const sound = cadenced(
        parts,
        parts.reduce((sum, { onMs }) => sum + onMs, 0),
      );
      expect(alwaysIn(sound)).toEqual([`sit ${kind}`]);
      expect(heardIn(noisy(sound, 15, 1))).toEqual([`sit ${kind}`]);
    },
  );

  test("telephony 4.2: the ITU's special information tone says no more than that", () => {
    const parts = [950, 1400, 1800].map((hz) => ({ hz: [hz], onMs: 330, offMs: 15 }));
    expect(alwaysIn(cadenced(parts, 1_035))).toEqual(['sit undefined']);
  });

  test('telephony 4.2: answer tone with its phase reversals, fax and data calling tones', () => {
    const reversed = sines([{ hz: 2100, levelDbm0: -12 }], 3_000).map((sample, index) =>
      Math.floor(index / 3_600) % 2 === 0 ? sample : -sample,
    );
    expect(alwaysIn(reversed)).toEqual(['answer-tone']);
    expect(alwaysIn(cadenced([{ hz: [1100], onMs: 500, offMs: 3_000 }], 7_500))).toEqual(
      Array(3).fill('fax-calling'),
    );
    expect(alwaysIn(cadenced([{ hz: [1300], onMs: 600, offMs: 1_700 }], 4_600))).toEqual(
      Array(2).fill('data-calling'),
    );
  });
});

describe('limits', () => {
  test.each([
    [500, 500, ['busy']],
    [400, 400, ['busy']],
    [580, 500, ['busy']],
    [250, 250, ['reorder']],
    [300, 200, ['reorder']],
    [200, 300, ['reorder']],
    [800, 800, []],
    [90, 90, []],
  ])('telephony 4.2: 480 and 620 Hz, %i ms on, %i ms off', (onMs, offMs, heard) => {
    expect(alwaysIn(cadenced(bursts(onMs, offMs), 5_000))).toEqual(heard);
  });

  test.each([-0.005, 0.005])('telephony 4.2: frequencies off by %f', (off) => {
    const pair = (hz: readonly number[]) => hz.map((it) => ({ hz: it * (1 + off), levelDbm0: -20 }));
    expect(alwaysIn(sines(pair(tones.dial), 1_500))).toEqual(['dial-tone']);
    expect(alwaysIn(sines(pair(tones.ringBack), 1_500))).toEqual(['ring-back']);
  });

  test('telephony 4.2: too short, too soft, or one of two frequencies alone is nothing', () => {
    expect(heardIn(cadenced(cadences.dial, 600))).toEqual([]);
    expect(
      heardIn(
        sines(
          [350, 440].map((hz) => ({ hz, levelDbm0: -50 })),
          2_000,
        ),
      ),
    ).toEqual([]);
    expect(heardIn(sines([{ hz: 440, levelDbm0: -13 }], 2_000))).toEqual([]);
    expect(heardIn(cadenced([{ hz: [914], onMs: 380, offMs: 0 }], 2_000))).toEqual([]);
  });
});
