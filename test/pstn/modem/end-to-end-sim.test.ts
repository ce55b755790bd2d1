import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { silentLog } from '../../../src/log/log.js';
import { simBinding } from '../../../src/pstn/central-office/ports/sim-port.js';
import type { ConnectResult, DataConnection, Modem } from '../../../src/pstn/modem/modem.js';
import { openModem } from '../../../src/pstn/modem/open-modem.js';
import { simulatedOffice } from '../../support/office.js';
import { settled } from '../../support/scripted-modem.js';

const number = { alice: '5550101', bob: '5550102', server: '5550100' };

/** Lines of one office, each with a driver on its modem. */
async function telephones() {
  const { office, clock, runUntil, runFor } = simulatedOffice({
    lines: Object.values(number).map((it) => ({ number: it, delayMs: 30 })),
  });
  const open = (it: string) =>
    settled(clock, openModem(`sim:${it}`, { clock, log: silentLog, simBinding: simBinding(office) }));
  return { office, clock, open, runUntil, runFor };
}

function connectionOf(result: ConnectResult): DataConnection {
  if (result.kind !== 'connected') throw new Error(`not connected: ${result.kind}`);
  return result.connection;
}

/** Everything that arrives until the line is released. */
function received(connection: DataConnection): { octets: Buffer; ended: boolean } {
  const all = { octets: Buffer.alloc(0), ended: false };
  connection.octets.on('data', (octets: Buffer) => {
    all.octets = Buffer.concat([all.octets, octets]);
  });
  connection.octets.on('end', () => {
    all.ended = true;
  });
  return all;
}

async function dialled(world: Awaited<ReturnType<typeof telephones>>, caller: Modem, callee: Modem) {
  const answered = new Promise<ConnectResult>((resolve) => {
    const answer = () => {
      callee.off('ring', answer);
      resolve(callee.answerData({ carrierWaitSeconds: 60 }));
    };
    callee.on('ring', answer);
  });
  const dialling = caller.dial(number.bob, { carrierWaitSeconds: 60 });
  const [a, b] = await settled(world.clock, Promise.all([dialling, answered]));
  return [connectionOf(a), connectionOf(b)] as const;
}

test('AL-4 AL-5 a call through the office: ring, carrier, octets both ways, hang-up, and the next call', async () => {
  const world = await telephones();
  const alice = await world.open(number.alice);
  const bob = await world.open(number.bob);
  for (const round of [1, 2, 3]) {
    const [toBob, toAlice] = await dialled(world, alice, bob);
    expect(toBob.description).toMatch(/^CONNECT/);
    const atBob = received(toAlice);
    const atAlice = received(toBob);
    const file = Buffer.concat([
      randomBytes(20_000),
      Buffer.from('\r\nNO CARRIER\r\n+++ATH\r'),
      randomBytes(20_000),
    ]);
    toBob.octets.write(file);
    toAlice.octets.write('short answer');
    await world.runUntil(() => atBob.octets.length >= file.length, 60_000);
    // Last octets, then at once the hang-up: all must arrive.
    const last = randomBytes(9_000);
    toBob.octets.write(last);
    const hangUps = settled(world.clock, toBob.hangUp(), 60_000);
    await hangUps;
    await world.runUntil(() => atBob.ended, 10_000);
    expect(atBob.octets.equals(Buffer.concat([file, last])), `round ${round}`).toBe(true);
    expect(atAlice.octets.toString()).toBe('short answer');
    await settled(world.clock, toAlice.hangUp());
    await world.runFor(1_000);
  }
  await settled(world.clock, Promise.all([alice.close(), bob.close()]));
  await setImmediate();
});
