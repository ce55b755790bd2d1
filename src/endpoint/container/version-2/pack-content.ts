import { createHash } from 'node:crypto';
import { blockOctets, paddingOctets } from '../../../protocol/data-exchange/ustar.js';
import type { Clock } from '../../../time/clock.js';
import { diskReason, EndpointError } from '../../endpoint-error.js';
import { quoted } from '../../quoted.js';
import { contentOf } from '../file-content.js';
import { containerLimits } from '../limits.js';
import type { SentFile } from '../pack.js';
import type { ChosenFile } from '../sources.js';
import { chooseCoding } from './choose-coding.js';
import type { ChosenTree, LiveSource } from './choose-tree.js';
import { liveContent } from './live-content.js';
import { padme } from './padme.js';
import { type ContentPiece, RunWriter } from './run-writer.js';
import { encodeTreeHeader } from './tree-headers.js';

export interface PackOptions {
  readonly clock: Clock;
  /** Padmé behind the last run. */
  readonly isPadded: boolean;
  /** Ends the waiting for live data. */
  readonly signal: AbortSignal;
  /** Told each file once all of it is in the content. */
  onPacked(file: SentFile): void;
}

const meaning = 'What the call has carried is of no use to the recipient: the transfer begins anew';

/**
 * Step 605 of version 2: the content, run by run, while the files are read. The same files give the same octets again.
 * @throws EndpointError `local-error` when a file is gone, unreadable or changes while it is read (fault 59)
 */
export async function* packContent(tree: ChosenTree, options: PackOptions): AsyncGenerator<ContentPiece> {
  const writer = new RunWriter();
  let octets = 0;
  try {
    for await (const piece of runsOf(tree, writer, options)) {
      octets += piece.octets.length;
      yield piece;
    }
  } finally {
    writer.destroy();
  }
  if (!options.isPadded) return;
  for (let left = padme(octets) - octets; left > 0; left -= zeros.length) {
    yield { octets: zeros.subarray(0, left), closesChunk: false };
  }
}

const zeros = new Uint8Array(65_536);

async function* runsOf(
  { files, live }: ChosenTree,
  writer: RunWriter,
  options: PackOptions,
): AsyncGenerator<ContentPiece> {
  for (const file of files) yield* packFile(file, writer, options);
  if (live) yield* packLive(live, writer, options);
  else yield* writer.compress(new Uint8Array(2 * blockOctets));
  yield* writer.end();
}

async function* packFile(
  file: ChosenFile,
  writer: RunWriter,
  options: PackOptions,
): AsyncGenerator<ContentPiece> {
  const { name, size, mtimeSeconds } = file;
  const coding = await chooseCoding(file).catch((cause: unknown) => {
    throw new EndpointError(
      'local-error',
      `${quoted(file.path)} cannot be read: ${diskReason(cause)}. ${meaning}.`,
      { cause },
    );
  });
  yield* writer.compress(encodeTreeHeader({ name, size, mtime: mtimeSeconds }));
  if (coding.kind === 'brotli') yield* writer.setDistance(coding.distance);
  const content = contentOf(file, meaning);
  try {
    let next = await content.next();
    for (; !next.done; next = await content.next()) {
      yield* coding.kind === 'brotli' ? writer.compress(next.value) : writer.store(next.value);
    }
    yield* writer.setDistance(0);
    yield* writer.compress(new Uint8Array(paddingOctets(size)));
    options.onPacked({ name, size, sha256: next.value, mtime: new Date(mtimeSeconds * 1000) });
  } finally {
    // Whoever reads the pieces may stop in the middle of a file.
    await content.return('');
  }
}

async function* packLive(
  live: LiveSource,
  writer: RunWriter,
  options: PackOptions,
): AsyncGenerator<ContentPiece> {
  const mtime = Math.floor(options.clock.utcMs() / 1000);
  yield* writer.compress(encodeTreeHeader({ name: live.name, size: 0, mtime }, true));
  const hash = createHash('sha256');
  let size = 0;
  for await (const octets of liveContent(live.content, writer, options)) {
    if (octets === 'pause') yield* writer.flush(true);
    else if (octets === 'silence') yield* writer.signOfLife();
    else {
      hash.update(octets);
      size += octets.length;
      if (size > containerLimits.contentOctets) throw pipeTooLong(live.name);
      yield* writer.compress(octets);
    }
  }
  options.onPacked({ name: live.name, size, sha256: hash.digest('hex'), mtime: new Date(mtime * 1000) });
}

function pipeTooLong(name: string): EndpointError {
  return new EndpointError(
    'local-error',
    `${quoted(name)} holds more than one call carries (4 GiB), and recipients refuse it. Send it in parts.`,
  );
}
