import { blockOctets, encodeHeader, paddingOctets } from '../../protocol/data-exchange/ustar.js';
import type { ReceivedFile } from '../../session/session.js';
import { compress } from './compress.js';
import { contentOf } from './file-content.js';
import type { ChosenFile } from './sources.js';

/** What was packed, in the form in which the recipient reports it. */
export type SentFile = ReceivedFile;

const meaning = 'Nothing was sent and no call was made';

/**
 * Step 605: the container F, octet by octet as the files are read.
 * @param onPacked is told each file once it stands in the container as a whole
 * @throws EndpointError `local-error` when a file is gone, unreadable or changes while it is read (fault 59): there is
 * no call yet, so nothing half-sent
 */
export function packContainer(
  files: readonly ChosenFile[],
  onPacked: (file: SentFile) => void,
): AsyncGenerator<Uint8Array> {
  return compress(archive(files, onPacked));
}

async function* archive(
  files: readonly ChosenFile[],
  onPacked: (file: SentFile) => void,
): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    const { name, size, mtimeSeconds } = file;
    yield encodeHeader({ name, size, mtime: mtimeSeconds });
    const sha256 = yield* contentOf(file, meaning);
    yield new Uint8Array(paddingOctets(size));
    onPacked({ name, size, sha256, mtime: new Date(mtimeSeconds * 1000) });
  }
  yield new Uint8Array(2 * blockOctets);
}
