import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { Office } from '../../src/pstn/central-office/office.js';
import { simBinding } from '../../src/pstn/central-office/ports/sim-port.js';
import { openModem } from '../../src/pstn/modem/open-modem.js';
import { Trunk } from '../../src/server/trunk.js';
import { realClock } from '../../src/time/real-clock.js';

/** The terminals that this process has open. */
function openTerminals(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('/dev/pts/');
    } catch {
      return false;
    }
  }).length;
}

test.runIf(process.platform === 'linux').each(['serial', 'pty'])(
  'AL-4 a %s adapter that is unplugged and plugged in again is found by its path, without a restart (node-serialport #2323, #2656)',
  async (scheme) => {
    const folder = mkdtempSync(join(tmpdir(), 'replugged-'));
    const link = join(folder, 'ttyUSB0');
    const plugIn = async () => {
      const lines = [{ number: '5550100', expose: `pty:${link}` }, { number: '5550101' }];
      const office = new Office({ timeScale: 0.02, seed: 1, lines }, { clock: realClock, log: silentLog });
      await office.open();
      return office;
    };
    let office = await plugIn();
    const url = `${scheme}:${link}`;
    let rings = 0;
    const trunk = new Trunk({
      line: { url, open: () => openModem(url, { clock: realClock, log: silentLog }) },
      clock: realClock,
      log: silentLog,
      restMs: 0,
      startCall: () => {
        rings++;
        return undefined;
      },
    });
    await trunk.open();
    const before = openTerminals();
    await office.close();
    await vi.waitUntil(() => trunk.state === 'out-of-service', { timeout: 20_000 });
    office = await plugIn();
    await vi.waitUntil(() => trunk.state === 'free', { timeout: 40_000 });
    expect(openTerminals()).toBe(before);
    const caller = await openModem('sim:5550101', {
      clock: realClock,
      log: silentLog,
      simBinding: simBinding(office),
    });
    await caller.dial('5550100', { carrierWaitSeconds: 2 });
    expect(rings).toBeGreaterThan(0);
    await caller.close();
    await trunk.close();
    await office.close();
    rmSync(folder, { recursive: true });
  },
);
