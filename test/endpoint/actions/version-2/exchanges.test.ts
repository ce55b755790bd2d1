import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../../../src/crypto/random.js';
import { openEndpoint } from '../../../../src/endpoint/endpoint.js';
import { readReceipts } from '../../../../src/endpoint/transfers/receipts.js';
import { temporaryFolder } from '../../support.js';
import { letter, twoPeople } from '../stations.js';
import { pairedStations2, pairing2, sending2, twoStations2 } from './stations.js';

describe('pair, send and listen in version 2', () => {
  test('KX-475 KX-480 KX-495 KX-500 two people pair over the server; both sides have the key, and version 1 is over', async () => {
    const { alice, bob, net } = await pairedStations2({ allowVersion1: true });
    const shown = alice.events.find((event) => event.event === 'check-string');
    expect(shown).toMatchObject({
      peer: { account: '000000000002', name: 'Bob & Sons' },
      x: expect.stringMatching(/^[A-HJ-NP-Z2-9]{5}$/),
      version: 2,
    });
    expect(alice.events.map(({ event }) => event)).toEqual([
      'dialing',
      'connected',
      'check-string',
      'paired',
    ]);
    expect(bob.events.map(({ event }) => event)).toEqual([
      ...['listening', 'ringing', 'connected', 'type-check-string', 'check-string-taken', 'paired'],
    ]);
    const keys = await Promise.all(
      [alice, bob].map(async ({ endpoint, peer }) => (await endpoint.unlock()).pairings.liveKeysOf(peer)),
    );
    expect(keys[0]?.present).toEqual(keys[1]?.present);
    expect([alice.peer, bob.peer]).toMatchObject([
      { versionFloor: 2, allowVersion1: true },
      { versionFloor: 2, allowVersion1: true },
    ]);
    expect(await alice.endpoint.sendLog.read()).toMatchObject([
      { protocol: 'key-exchange', version: 2, outcome: 'paired', name: 'Bob & Sons' },
    ]);
    expect(await bob.endpoint.receiveLog.read()).toMatchObject([
      { protocol: 'key-exchange', version: 2, outcome: 'paired', name: 'Alice Ltd' },
    ]);
    expect(net.records()).toMatchObject([{ protocolVersion: 2, callerAccount: '000000000001' }]);
  });

  test('KX-485 KX-490 both strings, where one address book wants them: each types what the other reads out', async () => {
    const stations = await twoStations2();
    const { alice, bob } = stations;
    await bob.endpoint.addressBook.wantBothStrings(bob.peer.account, true);
    const people = twoPeople();
    let tell = (_: string) => {};
    const second = new Promise<string>((resolve) => (tell = resolve));
    const caller = { ...people.caller, typeSecondString: () => second };
    const callee = {
      ...people.callee,
      confirmSecondString: async (_: unknown, x: string) => {
        tell(x);
        return true;
      },
    };
    expect((await pairing2(stations, { caller, callee })).map((end) => end?.event)).toEqual([
      'paired',
      'paired',
    ]);
    expect(alice.events.map(({ event }) => event).slice(2)).toEqual([
      ...['check-string', 'type-second-string', 'check-string-taken', 'paired'],
    ]);
    expect(bob.events.map(({ event }) => event).slice(3)).toEqual([
      ...['type-check-string', 'second-string', 'paired'],
    ]);
    await bob.endpoint.addressBook.wantBothStrings(bob.peer.account, false);
    expect(await bob.endpoint.addressBook.find(bob.peer.account)).not.toHaveProperty('bothStrings');
  });

  test('DX-655 DX-670 what is larger than the recipient takes is refused for good, and nothing of it stays on either side', async () => {
    const stations = await pairedStations2();
    const { alice, bob } = stations;
    const { paths, world } = bob.endpoint;
    bob.endpoint = await openEndpoint(paths.home, world, { largest_transfer_mib: 1 });
    const path = join(temporaryFolder(), 'large.bin');
    writeFileSync(path, systemRandom(1_100_000));
    const [sent] = await sending2(stations, [path]);
    expect(sent).toMatchObject({ event: 'failed', outcome: 'file-refused' });
    expect(await bob.endpoint.inboxSessions()).toEqual([]);
    expect(readdirSync(alice.endpoint.paths.spool)).toEqual(['locks']);
  });

  test('DX-605 where transfers are padded, files of nearly one length take one length on the line', async () => {
    const stations = await pairedStations2();
    const { alice, bob } = stations;
    const { paths, world } = alice.endpoint;
    alice.endpoint = await openEndpoint(paths.home, world, { pad_transfers: true });
    const path = join(temporaryFolder(), 'noise.bin');
    const taken: number[] = [];
    for (const length of [40_000, 40_100]) {
      writeFileSync(path, systemRandom(length));
      const [sent] = await sending2(stations, [path]);
      taken.push(sent.event === 'sent' ? sent.octets : 0);
    }
    expect(taken).toEqual([40_960, 40_960]);
    const sizes = (await bob.endpoint.inboxSessions()).flatMap(({ files }) => files.map(({ size }) => size));
    expect(sizes.sort()).toEqual([40_000, 40_100]);
  });

  test('DX-605 DX-610 DX-750 DX-780 a folder arrives with its folders, hashes and dates; the receipt is kept and both logs have it', async () => {
    const stations = await pairedStations2();
    const { alice, bob } = stations;
    const folder = temporaryFolder();
    const random = systemRandom(40_000);
    mkdirSync(join(folder, 'office', 'deep'), { recursive: true });
    writeFileSync(join(folder, 'office', 'deep', 'noise.bin'), random);
    const [sent, received] = await sending2(stations, [letter(), join(folder, 'office')]);
    expect([sent, received]).toMatchObject([{ event: 'sent' }, { event: 'received' }]);
    if (sent.event !== 'sent' || received?.event !== 'received') return;
    expect(sent).toMatchObject({ version: 2, receipt: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(received).toMatchObject({ version: 2, receipt: sent.receipt, files: sent.files });
    expect(received.files).toMatchObject([
      { name: 'letter.txt', size: 10, mtime: new Date(853_977_600_000) },
      { name: 'office/deep/noise.bin', sha256: createHash('sha256').update(random).digest('hex') },
    ]);
    const inbox = join(bob.endpoint.inbox, received.folder);
    expect(readFileSync(join(inbox, 'office', 'deep', 'noise.bin')).equals(random)).toBe(true);
    expect(statSync(join(inbox, 'letter.txt')).mtimeMs).toBe(853_977_600_000);
    const [, sentRow] = await alice.endpoint.sendLog.read();
    const [, receivedRow] = await bob.endpoint.receiveLog.read();
    expect(sentRow).toMatchObject({ outcome: 'sent', version: 2, receipt: sent.receipt, files: sent.files });
    expect(receivedRow).toMatchObject({ outcome: 'received', version: 2, receipt: sent.receipt });
    const [kept] = await readReceipts(alice.endpoint.paths.receipts);
    expect(Buffer.from(kept?.receipt.subarray(0, 16) ?? []).toString('hex')).toBe(sent.receipt);
    const progress = alice.events.filter((event) => event.event === 'progress');
    expect(progress.at(-1)).toMatchObject({ secondsLeft: 0 });
    expect(readdirSync(alice.endpoint.paths.spool)).toEqual(['locks']);
    expect(readdirSync(bob.endpoint.paths.quarantine)).toEqual([]);
  });
});
