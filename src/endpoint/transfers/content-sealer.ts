import { createHash } from 'node:crypto';
import {
  ChunkSealer,
  chunkLengthMax,
  type StreamKey,
} from '../../protocol/data-exchange/version-2/sealed-stream.js';
import type { ContentPiece } from '../container/version-2/run-writer.js';
import type { SpoolStream } from './spool-stream.js';

/** The content is not what an earlier process sealed: nothing may be sealed behind it under the same key. */
export class ContentDiffers extends Error {
  override readonly name = 'ContentDiffers';
}

/**
 * Seals content into the spool, behind what is there already.
 * @param content from its beginning
 * @param onChunk called when a chunk is durable
 * @throws ContentDiffers; the content's own errors; EndpointError of the spool
 */
export async function sealContent(
  content: AsyncIterable<ContentPiece>,
  stream: SpoolStream,
  key: StreamKey,
  onChunk: () => void,
): Promise<void> {
  const sealer = new ChunkSealer(key, stream.position);
  const buffer = new Uint8Array(chunkLengthMax);
  let fill = 0;
  const close = async (isLast: boolean) => {
    const octets = buffer.slice(0, fill);
    fill = 0;
    await stream.append(sealer.seal(octets, isLast), octets, isLast);
    onChunk();
  };
  for await (const { octets, closesChunk } of behind(content, stream)) {
    for (let rest = octets; rest.length > 0; ) {
      // A full chunk waits for the octet behind it: the last one says that it is.
      if (fill === buffer.length) await close(false);
      const piece = rest.subarray(0, buffer.length - fill);
      buffer.set(piece, fill);
      fill += piece.length;
      rest = rest.subarray(piece.length);
    }
    if (closesChunk && fill > 0) await close(false);
  }
  await close(true);
}

/** What follows on the content that the spool has, which is passed over and must be the same. */
async function* behind(
  content: AsyncIterable<ContentPiece>,
  stream: SpoolStream,
): AsyncGenerator<ContentPiece> {
  const { octets: held, sha256 } = stream.summary();
  const hash = createHash('sha256');
  let left = held;
  for await (const { octets, closesChunk } of content) {
    const known = octets.subarray(0, left);
    if (left > 0) {
      hash.update(known);
      left -= known.length;
      if (left === 0 && !hash.digest().equals(sha256)) throw new ContentDiffers('the content differs');
    }
    if (left === 0) yield { octets: octets.subarray(known.length), closesChunk };
  }
  if (left > 0) throw new ContentDiffers('the content is shorter');
}
