import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chaCha20Poly1305 } from '../../../src/crypto/aead.js';
import { systemRandom } from '../../../src/crypto/random.js';
import { OutgoingSpool } from '../../../src/endpoint/transfers/outgoing-spool.js';
import type { SecretBox } from '../../../src/endpoint/transfers/secret-box.js';
import type { SpooledTransfer } from '../../../src/endpoint/transfers/spooled-transfer.js';
import { type StreamKey, StreamOpener } from '../../../src/protocol/data-exchange/version-2/sealed-stream.js';
import { SimulatedClock } from '../../../src/time/simulated-clock.js';

/** A key ring of one key. */
export function secretBox(key = randomBytes(32)): SecretBox {
  return {
    seal(context, secret) {
      const nonce = randomBytes(12);
      return Buffer.concat([nonce, chaCha20Poly1305.seal(key, nonce, Buffer.from(context), secret)]);
    },
    open: (context, sealed) =>
      chaCha20Poly1305.open(key, sealed.subarray(0, 12), Buffer.from(context), sealed.subarray(12)),
  };
}

export function write(folder: string, name: string, content: string | Uint8Array = name): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

export function spoolPlace(home: string, secrets = secretBox(), clock = new SimulatedClock()) {
  return {
    spool: join(home, 'spool'),
    receipts: join(home, 'receipts'),
    clock,
    random: systemRandom,
    secrets,
  };
}

/** The spool as the next process finds it: what the last one locked is free. */
export function afterCrash(place: ReturnType<typeof spoolPlace>): OutgoingSpool {
  rmSync(join(place.spool, 'locks'), { recursive: true, force: true });
  return new OutgoingSpool(place);
}

const forEver = new AbortController().signal;

/** Everything from `from` on. */
export async function readAll(transfer: SpooledTransfer, from = 0): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const octets of transfer.read(from, forEver)) all.push(octets);
  return Buffer.concat(all);
}

/** The content of a whole stream. @throws when it is not whole */
export function opened(stream: Uint8Array, key: StreamKey): Buffer {
  const { chunks, state } = new StreamOpener(key).push(stream);
  if (state.kind !== 'complete') throw new Error(`the stream is ${state.kind}`);
  return Buffer.concat(chunks);
}
