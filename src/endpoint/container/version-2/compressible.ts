import { type FileHandle, open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { ChosenFile } from '../sources.js';

const compressed = promisify(brotliCompress);

/** Shorter files are not worth a run of their own. */
const shortest = 4_096;
const sampleOctets = 16_384;
/** Measured on an office folder of 4 MB: at 97 % of a sample, .7 % of the whole was lost; at 99.5 % nothing is. */
const storedFrom = 0.995;

/**
 * Whether brotli makes the file smaller, judged by its beginning, middle and end. No list of file types: a PDF or an office
 * document may be either. The same file gives the same answer, so that a transfer can be sealed again to the octet.
 */
export async function isCompressible(file: ChosenFile): Promise<boolean> {
  if (file.size < shortest) return true;
  const handle = await open(file.path, 'r');
  try {
    const last = Math.max(file.size - sampleOctets, 0);
    const samples = await Promise.all([0, Math.floor(last / 2), last].map((at) => readSample(handle, at)));
    const results = await Promise.all(samples.map((sample) => compressed(sample, options)));
    const before = samples.reduce((sum, sample) => sum + sample.length, 0);
    const after = results.reduce((sum, result) => sum + result.length, 0);
    return after < before * storedFrom;
  } finally {
    await handle.close();
  }
}

const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

async function readSample(handle: FileHandle, at: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(sampleOctets), 0, sampleOctets, at);
  return buffer.subarray(0, bytesRead);
}
