import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { untilStopped } from '../../src/cli/until-stopped.js';

describe('Ctrl-C', () => {
  const others = { SIGINT: process.listeners('SIGINT'), SIGTERM: process.listeners('SIGTERM') };
  const handlers = () =>
    (['SIGINT', 'SIGTERM'] as const).map((name) => process.listenerCount(name) - others[name].length);
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('CM-A8 the first one stops cleanly; a second one meets no handler and ends the process', async () => {
    const stopped = untilStopped();
    expect(handlers()).toEqual([1, 1]);
    process.emit('SIGINT', 'SIGINT');
    expect(await stopped).toBe('SIGINT');
    vi.runAllTimers();
    expect(handlers()).toEqual([0, 0]);
  });

  test('CM-A8 its echo by an npx above it is no second one', async () => {
    const stopped = untilStopped();
    process.emit('SIGINT', 'SIGINT');
    await stopped;
    vi.advanceTimersByTime(100);
    // Without a handler this would end the process.
    expect(handlers()).toEqual([1, 1]);
    process.emit('SIGINT', 'SIGINT');
    vi.runAllTimers();
    expect(handlers()).toEqual([0, 0]);
  });
});
