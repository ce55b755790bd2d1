import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomSource } from '../../crypto/random.js';
import { ContainerTooLong, sealContainer } from '../../session/sealing.js';
import type { SealedTransfer } from '../../session/session.js';
import type { Clock } from '../../time/clock.js';
import { packContainer, type SentFile } from '../container/pack.js';
import { chooseFiles, type Source } from '../container/sources.js';
import { diskError, EndpointError } from '../endpoint-error.js';

export interface Sealed {
  readonly transfer: SealedTransfer;
  readonly files: readonly SentFile[];
}

/**
 * Steps 600 to 610, all before the call: the files packed, compressed and encrypted into the spool folder, under a
 * key for this session and recipient alone.
 * @throws EndpointError when something cannot be sent
 */
export async function seal(
  sources: readonly Source[],
  spool: string,
  { clock, random, signal }: { clock: Clock; random: RandomSource; signal?: AbortSignal | undefined },
): Promise<Sealed | 'cancelled'> {
  const chosen = await chooseFiles(sources, { spool, clock, signal }).catch((error: unknown) => {
    // A pipe that is broken off is no fault of the content.
    if (signal?.aborted) return 'cancelled' as const;
    throw error;
  });
  if (chosen === 'cancelled') return 'cancelled';
  const files: SentFile[] = [];
  const path = join(spool, 'container');
  const sessionKey = random(20);
  const output = await open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw diskError('The files cannot be packed', cause);
  });
  try {
    const packed = packContainer(chosen, (file) => files.push(file));
    const { fileHash, size } = await sealContainer(stoppable(packed, signal), sessionKey, (octets) =>
      write(output, octets),
    );
    if (signal?.aborted) return 'cancelled';
    return { files, transfer: { sessionKey, fileHash, size, read: () => createReadStream(path) } };
  } catch (error) {
    if (!(error instanceof ContainerTooLong)) throw error;
    throw new EndpointError('usage', `Nothing was sent and no call was made: ${error.message}.`, {
      cause: error,
    });
  } finally {
    await output.close();
  }
}

/** Ends early when the operator gives up; the caller looks at the signal. */
async function* stoppable(
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    if (signal?.aborted) return;
    yield piece;
  }
}

async function write(output: FileHandle, octets: Uint8Array): Promise<void> {
  try {
    await output.writeFile(octets);
  } catch (cause) {
    throw diskError('The files cannot be packed', cause);
  }
}
