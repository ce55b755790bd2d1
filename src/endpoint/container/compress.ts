import { constants, createDeflate, type Deflate } from 'node:zlib';

/** Recipients refuse 1:200 (step 780); this side stays well below it all along the stream. */
const ownRatio = 150;
/** Octets of content between two looks at the ratio: each look may cost five octets. */
const lookEveryOctets = 65_536;

/** An empty stored block decodes to nothing (RFC 1951, 3.2.4). */
const emptyBlock = Buffer.from([0x00, 0x00, 0x00, 0xff, 0xff]);

/**
 * One zlib stream of all the pieces. Content that would shrink beyond the recipient's limit against archive
 * bombs (a blank picture, a preallocated database) is lengthened by empty blocks, not refused after the call.
 */
export async function* compress(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  // The line is the bottleneck by far: the best compression is the fastest.
  const deflate = createDeflate({ level: 9, memLevel: 9, chunkSize: 65_536 });
  const taken = { octets: 0 };
  const feeding = feed(deflate, pieces, taken).catch((error: Error) => void deflate.destroy(error));
  try {
    for await (const chunk of deflate as AsyncIterable<Buffer>) {
      taken.octets += chunk.length;
      yield chunk;
    }
  } finally {
    deflate.destroy();
    await feeding;
  }
}

async function feed(
  deflate: Deflate,
  pieces: AsyncIterable<Uint8Array>,
  taken: { readonly octets: number },
): Promise<void> {
  let fed = 0;
  let looked = 0;
  const keepRatio = async () => {
    looked = fed;
    const missing = () => Math.ceil(fed / ownRatio) - taken.octets - deflate.readableLength;
    if (missing() > 0) await flush(deflate);
    // At a flush the stream stands between two blocks on an octet's edge, where another block may be put in.
    if (missing() > 0) deflate.push(filler(missing()));
  };
  for await (const piece of pieces) {
    await write(deflate, piece);
    fed += piece.length;
    if (fed - looked >= lookEveryOctets) await keepRatio();
  }
  await keepRatio();
  deflate.end();
}

function filler(octets: number): Buffer {
  return Buffer.alloc(Math.ceil(octets / emptyBlock.length) * emptyBlock.length, emptyBlock);
}

function write(deflate: Deflate, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    deflate.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

function flush(deflate: Deflate): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    deflate.flush(constants.Z_SYNC_FLUSH, done as () => void);
  });
}
