import { describe, expect, test } from 'vitest';
import { ErrorBursts } from '../../../../src/pstn/central-office/impairments/error-bursts.js';
import {
  type Impairments,
  rateThroughNoise,
} from '../../../../src/pstn/central-office/impairments/impairments.js';
import { uniformStream } from '../../../../src/pstn/central-office/random-stream.js';
import { tones } from '../../../../src/pstn/signals.js';
import { telephones } from '../telephones.js';

/** Two lines, the first of them with what is wrong; `connected` has both modems' carrier up. */
function stage(impairments: Impairments, seed = 7) {
  const network = telephones([{ number: '100', impairments }, { number: '200' }], { seed });
  const { phone, connect, until } = network;
  async function connected(): Promise<void> {
    await connect('100', '200');
    phone('100').line.startCarrier('originate', 33_600);
    phone('200').line.startCarrier('answer', 33_600);
    await until(() => phone('200').has('carrier'));
    for (const number of ['100', '200']) phone(number).isReadAtOnce = true;
  }
  return { ...network, connected };
}

describe('fault 38: noise', () => {
  test.each([
    [50, 33_600],
    [38, 33_600],
    [30, 26_400],
    [20, 14_400],
    [0, 300],
  ])('fault 38: at %i dB modems go at %i bit/s, and no faster than without', (decibels, rate) => {
    expect(Math.min(33_600, rateThroughNoise(decibels))).toBe(rate);
  });

  test('fault 38: the noisier of the two lines decides', async () => {
    const { phone, connected } = stage({ signalToNoiseDb: 30 });
    await connected();
    expect(phone('200').log.find((entry) => entry.what === 'carrier')).toMatchObject({ rate: 26_400 });
  });
});

describe('telephony 0: bursts of bit errors', () => {
  /** The lengths of the stretches with errors, and what of all octets is in them, at one error in two bits. */
  function measured(everyMs: number, lengthMs: number, octets = 4_000_000) {
    const errors = new ErrorBursts({ everyMs, lengthMs, bitErrorRate: 0.5 }, 33_600, uniformStream(3));
    const passed = new Uint8Array(octets);
    for (let at = 0; at < octets; at += 42) errors.apply(passed.subarray(at, at + 42));
    const bad = passed.reduce((sum, octet) => sum + (octet === 0 ? 0 : 1), 0);
    // Within a burst, one octet in 256 is right by chance.
    let bursts = 0;
    for (let at = 0; at < octets; at++) {
      if (passed[at] !== 0 && passed.subarray(Math.max(0, at - 8), at).every((octet) => octet === 0))
        bursts++;
    }
    return { share: bad / octets, perBurst: bad / bursts };
  }

  test('telephony 0: they take the share and have the length that was asked for', () => {
    const { share, perBurst } = measured(1_000, 50);
    // 950 bursts or so: the mean of as many exponential draws is within a tenth of its own (3 standard errors).
    expect(share / (50 / 1_050)).toBeGreaterThan(0.9);
    expect(share / (50 / 1_050)).toBeLessThan(1.1);
    expect(perBurst / 210).toBeGreaterThan(0.88);
    expect(perBurst / 210).toBeLessThan(1.12);
  });

  test('telephony 0: octets of a call arrive in their order and number, some of them wrong, and the modems correct nothing', async () => {
    const { phone, connected, until } = stage({
      errorBursts: { everyMs: 500, lengthMs: 50, bitErrorRate: 0.3 },
    });
    await connected();
    expect(phone('200').log.find((entry) => entry.what === 'carrier')).toMatchObject({ rate: 33_600 });
    phone('100').send(new Uint8Array(20_000));
    await until(() => phone('200').received.length === 20_000);
    const wrong = phone('200').received.filter((octet) => octet !== 0).length;
    expect(wrong).toBeGreaterThan(100);
    expect(wrong).toBeLessThan(10_000);
  });
});

describe('fault 40: a carrier that does not last', () => {
  test('fault 40: it is dropped about as often as was asked for, at both ends, and the talking path stays', async () => {
    const lengths: number[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const { phone, connected, until, clock } = stage({ carrierDrops: { everyMs: 60_000 } }, seed);
      await connected();
      const upMs = clock.monotonicMs();
      await until(() => phone('200').has('no-carrier'), 1_000_000);
      lengths.push(clock.monotonicMs() - upMs);
      expect(phone('200').has('loop-break')).toBe(false);
    }
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    // Three standard errors of the mean of 60 exponential draws.
    expect(mean).toBeGreaterThan(60_000 * 0.6);
    expect(mean).toBeLessThan(60_000 * 1.4);
  });

  test('fault 38: modems that train anew deliver late and lose nothing', async () => {
    const sent = Uint8Array.from({ length: 84_000 }, (_, index) => index % 251);
    const { phone, connected, until, clock, events } = stage({ retrains: { everyMs: 8_000 } });
    await connected();
    const startMs = clock.monotonicMs();
    phone('100').send(sent);
    await until(() => phone('200').received.length === sent.length, 1_000_000);
    expect(Buffer.from(phone('200').received).equals(Buffer.from(sent))).toBe(true);
    const retrains = events.filter(
      (event) => event.event === 'impairment' && event.what === 'retrain',
    ).length;
    expect(retrains).toBeGreaterThan(0);
    // 20 s of line time, and 6 s for each training.
    expect(clock.monotonicMs() - startMs).toBeGreaterThan(20_000 + retrains * 5_000);
  });

  test('fault 91: whoever hangs up, nothing is left to happen', async () => {
    const { phone, connected, run, clock } = stage({
      carrierDrops: { everyMs: 1e9 },
      retrains: { everyMs: 1e9 },
    });
    await connected();
    for (const number of ['100', '200']) phone(number).line.onHook();
    await run(1_000);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });
});

describe('telephony 4.1: a line and its loop', () => {
  test('telephony 4.1: an echo gives the own tones and digits back, later', async () => {
    const { phone, connect, run, clock } = stage({ echoMs: 80 });
    await connect('100', '200');
    const startMs = clock.monotonicMs();
    phone('100').line.sendTone([1000]);
    phone('100').line.sendDigit('5', 60);
    await run(79);
    expect(phone('100').hears).toEqual(tones.silence);
    await run(1);
    expect([phone('100').hears, phone('200').hears]).toEqual([[1000], [1000]]);
    phone('100').line.sendTone(tones.silence);
    await run(100);
    expect(phone('100').hears).toEqual(tones.silence);
    expect(
      phone('100')
        .timesOf('digit')
        .map((atMs) => atMs - startMs),
    ).toEqual([140]);
    expect(phone('200').has('digit')).toBe(true);
  });

  test('telephony 1.9: a dead line gives no dial tone, rings for its caller, and nothing reaches it', async () => {
    const { phone, call, run, until } = stage({ isDead: true });
    phone('100').line.offHook();
    await run(10_000);
    expect(phone('100').log).toEqual([]);
    phone('100').line.onHook();
    await call('200', '100');
    await until(() => phone('200').hears.includes(480));
    expect(phone('100').has('ring')).toBe(false);
  });

  test('telephony 1.9: a line that is stuck off-hook is busy to all, whatever its telephone does, until it is mended', async () => {
    const { phone, line, call, run, until } = stage({ isStuckOffHook: true });
    await run(60_000);
    await call('200', '100');
    await until(() => phone('200').hears.includes(620));
    phone('100').line.onHook();
    phone('200').line.onHook();
    line('100').stickOffHook(false);
    await run(1);
    await call('200', '100');
    await until(() => phone('100').isRinging);
  });
});
