import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ed25519 } from '../../src/crypto/ed25519.js';
import { x25519 } from '../../src/crypto/x25519.js';
import { type Endpoint, initEndpoint, openEndpoint } from '../../src/endpoint/endpoint.js';
import { readSubscriptionFile } from '../../src/endpoint/subscription.js';
import { signKeyList } from '../../src/protocol/identity/key-list.js';
import { type Subscription, subscriptionText } from '../../src/protocol/identity/subscription.js';
import { account, lowCost, newEndpoint, temporaryFolder, testWorld } from './support.js';

const root = ed25519.key(new Uint8Array(32).fill(1));

function listOf(sequence: number, signer = root) {
  const present = x25519(new Uint8Array(32).fill(sequence)).publicKey;
  const next = x25519(new Uint8Array(32).fill(sequence + 1)).publicKey;
  return signKeyList(signer, { sequence, present, next });
}

const subscription: Subscription = {
  account: account('1'),
  name: 'Alice Ltd',
  serverNumber: '5550100',
  rootKey: root.publicKey,
  keyList: listOf(7),
  staticSecret: new Uint8Array(32).fill(0xa5),
  psk: new Uint8Array(32).fill(0x5a),
};

const identityOf = async (endpoint: Endpoint) => (await endpoint.unlock()).trust.identity();

async function sequenceIn(endpoint: Endpoint): Promise<number> {
  const later = await openEndpoint(endpoint.paths.home, endpoint.world);
  return (await identityOf(later)).server.keyList.sequence;
}

describe('subscription of an endpoint', () => {
  test('CM-A4 it is read in when the endpoint is made, and kept under the passphrase', async () => {
    const home = join(temporaryFolder(), 'home');
    const world = testWorld();
    const settings = { account: '1', name: 'Alice Ltd', line: 'sim:5550101', server_number: '5550100' };
    await initEndpoint(home, settings, { ...world, keyRingCost: lowCost, subscription });
    const endpoint = await openEndpoint(home, world);
    expect(await endpoint.rootKey()).toEqual(Buffer.from(root.publicKey));
    const identity = await identityOf(endpoint);
    expect(identity).toMatchObject({
      psk: subscription.psk,
      server: { rootKey: root.publicKey, keyList: subscription.keyList },
    });
    expect(identity.staticKey.publicKey).toEqual(x25519(subscription.staticSecret).publicKey);
    const text = readFileSync(endpoint.paths.keyRing, 'utf8');
    for (const secret of [subscription.staticSecret, subscription.psk]) {
      for (const form of ['hex', 'base64'] as const)
        expect(text).not.toContain(Buffer.from(secret).toString(form));
    }
  });

  test('CM-A4 without one an endpoint is told what to do; with one it is told nothing', async () => {
    const endpoint = await newEndpoint();
    expect(await endpoint.rootKey()).toBeUndefined();
    await expect(identityOf(endpoint)).rejects.toMatchObject({
      outcome: 'no-subscription',
      message: expect.stringContaining('endpoint init --subscription'),
    });
    await endpoint.subscribe(subscription);
    await expect(identityOf(endpoint)).resolves.toBeDefined();
  });

  test('CM-A4 one for another account or another server changes nothing', async () => {
    const endpoint = await newEndpoint();
    const before = readFileSync(endpoint.paths.keyRing, 'utf8');
    for (const other of [{ account: account('2') }, { serverNumber: '5550999' }]) {
      await expect(endpoint.subscribe({ ...subscription, ...other })).rejects.toMatchObject({
        outcome: 'usage',
      });
    }
    expect(readFileSync(endpoint.paths.keyRing, 'utf8')).toBe(before);
  });

  test('CM-A4 a newer key list of the server is there for the next process; the sequence never falls', async () => {
    const endpoint = await newEndpoint();
    await endpoint.subscribe(subscription);
    const identity = await identityOf(endpoint);
    for (const sequence of [9, 8]) identity.keepKeyList(listOf(sequence));
    expect((await identityOf(endpoint)).server.keyList.sequence).toBe(9);
    expect(await sequenceIn(endpoint)).toBe(9);
    // Read in again as it was handed over: new secrets, but no older list.
    await endpoint.subscribe({ ...subscription, psk: new Uint8Array(32).fill(3) });
    expect(await sequenceIn(endpoint)).toBe(9);
    expect((await identityOf(endpoint)).psk).toEqual(new Uint8Array(32).fill(3));
  });

  test('CM-A4 another operator’s list takes the place of the old one, and a late list of the old one does not come back', async () => {
    const endpoint = await newEndpoint();
    await endpoint.subscribe(subscription);
    const old = await identityOf(endpoint);
    const otherRoot = ed25519.key(new Uint8Array(32).fill(2));
    const other = { ...subscription, rootKey: otherRoot.publicKey, keyList: listOf(3, otherRoot) };
    await endpoint.subscribe(other);
    old.keepKeyList(listOf(12));
    expect((await identityOf(endpoint)).server).toEqual({
      rootKey: otherRoot.publicKey,
      keyList: other.keyList,
    });
  });

  test('CM-A4 a file that is none says why, and quotes no secret', async () => {
    const path = join(temporaryFolder(), 'subscription.toml');
    await expect(readSubscriptionFile(path)).rejects.toThrow('it is not there');
    writeFileSync(path, subscriptionText(subscription));
    expect(await readSubscriptionFile(path)).toEqual(subscription);
    writeFileSync(path, subscriptionText(subscription).replace(/^account.*\n/m, ''));
    const refusal = await readSubscriptionFile(path).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      outcome: 'usage',
      message: expect.stringContaining('account: is missing'),
    });
    expect(String(refusal)).not.toContain(Buffer.from(subscription.psk).toString('base64'));
  });
});
