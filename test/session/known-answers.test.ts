import { expect, test } from 'vitest';
import type { AccountNumber } from '../../src/bytes/account-number.js';
import { sealContainer } from '../../src/session/sealing.js';
import { hex, katSkipped, knownAnswers } from '../support/kat.js';
import { given } from '../support/seeded.js';
import { MemoryQuarantine, pairUp, transfer } from './parties.js';

const cases = knownAnswers ?? { keyExchange: [], dataExchange: [] };

if (!knownAnswers) test.skip(katSkipped);

for (const known of cases.keyExchange) {
  test(`KX-350 KX-365 KX-395 KX-400 KX-420 KX-430 KX-470A KX-470B known answers of ${known.accountA}`, async () => {
    const call = await pairUp({
      accounts: { caller: known.accountA as AccountNumber, callee: known.accountB as AccountNumber },
      callerRandom: given(hex(known.eA), hex(known.randomA)),
      calleeRandom: given(hex(known.eB)),
    });
    expect(call.line.sentBy('caller').toString('hex')).toBe(known.A1 + known.A2);
    expect(call.line.sentBy('callee').toString('hex')).toBe(`${known.B}06`);
    expect(call.desks.caller.shown).toBe(known.X);
    expect(call.desks.caller.keys.get(known.accountB)).toEqual(hex(known.LTK));
    expect(call.desks.callee.keys.get(known.accountA)).toEqual(hex(known.LTK));
    expect(call.caller).toEqual({ kind: 'paired', peer: known.accountB });
    expect(call.callee).toEqual({ kind: 'paired', peer: known.accountA });
  });
}

for (const known of cases.dataExchange) {
  test(`DX-600 DX-605 DX-610 DX-620 DX-660 DX-665 DX-705 DX-745 DX-760 DX-775 known answers of ${known.accountA}`, async () => {
    const container = hex(known.F);
    const sessionKey = hex(known.SKey);
    const spool: Uint8Array[] = [];
    const sealed = await sealContainer(
      (async function* () {
        for (let at = 0; at < container.length; at += 100) yield container.subarray(at, at + 100);
      })(),
      sessionKey,
      async (octets) => void spool.push(octets),
    );
    expect(Buffer.from(sealed.fileHash).toString('hex')).toBe(known.FileHash);
    expect(sealed.size).toBe(Buffer.concat(spool).length);

    const quarantine = new MemoryQuarantine();
    const call = await transfer({
      transfer: {
        sessionKey,
        ...sealed,
        read: async function* () {
          yield* spool;
        },
      },
      quarantine,
      callerRandom: given(hex(known.challengeA)),
      calleeRandom: given(hex(known.challengeB)),
      callerOptions: { longTermKey: hex(known.LTK) },
      calleeOptions: { longTermKeyOf: () => hex(known.LTK) },
    });
    expect(call.line.sentBy('caller').toString('hex')).toBe(known.A1 + known.A2 + known.cipher);
    expect(call.line.sentBy('callee').toString('hex')).toBe(`${known.B}06`);
    expect(call.caller).toEqual({ kind: 'sent', octets: known.cipher.length / 2 });
    expect(call.callee).toMatchObject({ kind: 'received', peer: known.accountA });
    expect(quarantine.content).toEqual(Buffer.from(container));
  });
}
