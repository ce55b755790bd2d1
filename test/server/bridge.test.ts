import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DataConnection } from '../../src/pstn/modem/modem.js';
import { startBridge } from '../../src/server/bridge.js';
import { SimulatedClock } from '../../src/time/simulated-clock.js';
import { duplexPair } from '../support/duplex-pair.js';

/** Two connections with a bridge between, and the far ends of both. */
function bridged() {
  const clock = new SimulatedClock();
  const told: string[] = [];
  const [callerNear, callerFar] = duplexPair();
  const [calleeNear, calleeFar] = duplexPair();
  const connection = (name: string, octets: typeof callerNear): DataConnection => ({
    description: 'CONNECT',
    rate: undefined,
    octets,
    async hangUp() {
      if (!octets.writableFinished) await new Promise<void>((finished) => octets.end(finished));
      told.push(`${name} on-hook`);
    },
  });
  const bridge = startBridge(connection('caller', callerNear), connection('callee', calleeNear), clock, {
    released: () => told.push('released'),
    stalled: () => told.push('stalled'),
  });
  return { clock, told, callerNear, callerFar, calleeNear, calleeFar, bridge };
}

describe('bridge', () => {
  test('CM-330 whatever is written on one side is read on the other, in order, and counted', async () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(chunks, chunks, async (upward, downward) => {
        const { callerFar, calleeFar, bridge, told } = bridged();
        const heard = { up: [] as Buffer[], down: [] as Buffer[] };
        calleeFar.on('data', (octets: Buffer) => heard.up.push(octets));
        callerFar.on('data', (octets: Buffer) => heard.down.push(octets));
        for (const chunk of downward) calleeFar.write(chunk);
        for (const chunk of upward) callerFar.write(chunk);
        const [up, down] = [Buffer.concat(upward), Buffer.concat(downward)];
        for (
          let turn = 0;
          turn < 60 && bridge.octetsFromCaller + bridge.octetsFromCallee < up.length + down.length;
          turn++
        ) {
          await setImmediate();
        }
        callerFar.end();
        while (!told.includes('released')) await setImmediate();
        await bridge.end();
        await setImmediate();
        expect(Buffer.concat(heard.up).equals(up)).toBe(true);
        expect(Buffer.concat(heard.down).equals(down)).toBe(true);
        expect([bridge.octetsFromCaller, bridge.octetsFromCallee]).toEqual([up.length, down.length]);
      }),
      { numRuns: 50 },
    );
  });

  test('CM-330 fault 88: a callee that takes nothing holds the caller back', async () => {
    const { callerFar, calleeFar, bridge } = bridged();
    let isTaken = true;
    let written = 0;
    while (isTaken && written < 10_000_000) {
      isTaken = callerFar.write(Buffer.alloc(10_000));
      written += 10_000;
      await setImmediate();
    }
    expect(isTaken).toBe(false);
    expect(written).toBeLessThan(500_000);
    let read = 0;
    calleeFar.on('data', (octets: Buffer) => {
      read += octets.length;
    });
    while (read < written) await setImmediate();
    expect(bridge.octetsFromCaller).toBe(written);
  });

  test('CM-330 the end of one side lets what it sent reach the other, then both are on-hook', async () => {
    const { callerFar, calleeFar, bridge, told } = bridged();
    callerFar.end(Buffer.alloc(300_000, 'x'));
    let read = 0;
    calleeFar.on('data', (octets: Buffer) => {
      read += octets.length;
    });
    while (!told.includes('released')) await setImmediate();
    await bridge.end();
    expect(told.sort()).toEqual(['callee on-hook', 'caller on-hook', 'released']);
    expect(read).toBe(300_000);
  });

  test('CM-330 a line that breaks, or was down before the bridge stood, ends it once', async () => {
    const broken = bridged();
    broken.calleeNear.destroy(new Error('the port is gone'));
    await setImmediate();
    expect(broken.told).toEqual(['released']);

    const [near] = duplexPair();
    near.destroy();
    await setImmediate();
    const [other] = duplexPair();
    const told: string[] = [];
    const connection = (octets: typeof near): DataConnection => ({
      description: 'CONNECT',
      rate: undefined,
      octets,
      hangUp: async () => {},
    });
    startBridge(connection(other), connection(near), new SimulatedClock(), {
      released: () => told.push('released'),
      stalled: () => told.push('stalled'),
    });
    await setImmediate();
    expect(told).toEqual(['released']);
  });

  test('CM-A8 ten minutes and more without an octet taken, while some wait, is a stall; silence is none', async () => {
    const { clock, told, callerFar, calleeFar } = bridged();
    clock.advance(3_600_000);
    expect(told).toEqual([]);
    for (let turn = 0; turn < 100; turn++) {
      callerFar.write(Buffer.alloc(10_000));
      await setImmediate();
    }
    clock.advance(600_000);
    expect(told).toEqual([]);
    // Slow is not dead: a read each ten minutes.
    calleeFar.read(65_536);
    await setImmediate();
    clock.advance(600_000);
    expect(told).toEqual([]);
    clock.advance(600_000);
    expect(told).toEqual(['stalled']);
    clock.advance(3_600_000);
    expect(told).toEqual(['stalled']);
  });
});
