import { FileSealer, sealedLength } from '../crypto/file-cipher.js';
import { sealedLengthMax } from '../protocol/data-exchange/rules.js';
import type { SealedTransfer } from './session.js';

/** Guard G4, noticed before the call. */
export class ContainerTooLong extends Error {
  override readonly name = 'ContainerTooLong';

  constructor() {
    super(
      `the files make more than ${sealedLengthMax / 2 ** 20} MiB, which one call of version 1 may carry: send fewer at a time`,
    );
  }
}

/**
 * DX-605 and DX-610: hashes and encrypts a compressed container in a single pass.
 * @param container F, in pieces of any size
 * @param sessionKey 20 random octets, used for this container and recipient alone (DX-600)
 * @param sink takes C in order; what it resolves to is waited for
 * @param lengthMax octets of C: 256 MiB unless a test says less
 * @throws ContainerTooLong before more than that was handed to the sink
 */
export async function sealContainer(
  container: AsyncIterable<Uint8Array>,
  sessionKey: Uint8Array,
  sink: (sealed: Uint8Array) => Promise<void>,
  lengthMax = sealedLengthMax,
): Promise<Pick<SealedTransfer, 'fileHash' | 'size'>> {
  const sealer = new FileSealer(sessionKey);
  let length = 0;
  for await (const octets of container) {
    length += octets.length;
    if (sealedLength(length) > lengthMax) throw new ContainerTooLong();
    const sealed = sealer.update(octets);
    if (sealed.length > 0) await sink(sealed);
  }
  const last = sealer.finish();
  await sink(last.octets);
  return { fileHash: last.fileHash, size: sealedLength(length) };
}
