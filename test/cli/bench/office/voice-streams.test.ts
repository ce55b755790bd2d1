import { expect, test } from 'vitest';
import { voiceCost } from '../../../../src/cli/bench/office/voice-streams.js';

test('telephony 2: the calls of the measurement come about, and a stream costs more than its detectors', () => {
  const { stream, detectors } = voiceCost(1, 2_000);
  expect(detectors).toBeGreaterThan(0);
  expect(stream).toBeGreaterThan(detectors);
});
