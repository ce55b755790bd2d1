import { chunkLengthMax, chunkOverhead } from '../../protocol/data-exchange/version-2/sealed-stream.js';
import type { Clock } from '../../time/clock.js';
import type { Source } from '../container/sources.js';
import { chooseTree } from '../container/version-2/choose-tree.js';
import { packContent } from '../container/version-2/pack-content.js';
import { EndpointError } from '../endpoint-error.js';

/** Of the line's rate, for content: the rest is headers, acknowledgements and what is damaged on the way. */
const shareForContent = 0.97;

/** From the bridge to the content, and from its end to the receipt. */
const handshakeSeconds = 5;

/**
 * Octets of these files as they will be on the line: they are packed, and nothing of it is kept.
 * @throws EndpointError `usage` that names what cannot be sent, a pipe among it; `local-error` where a file cannot be read
 */
export async function octetsToCarry(
  sources: readonly Source[],
  {
    clock,
    isPadded,
    signal,
  }: { readonly clock: Clock; readonly isPadded: boolean; readonly signal: AbortSignal },
): Promise<number> {
  const { files, live } = await chooseTree(sources);
  if (live)
    throw new EndpointError('usage', `How much comes through ${live.name} is not known before its end.`);
  let content = 0;
  let chunks = 1;
  for await (const { octets, closesChunk } of packContent(
    { files, live },
    { clock, isPadded, signal, onPacked },
  )) {
    signal.throwIfAborted();
    content += octets.length;
    if (closesChunk) chunks += 1;
  }
  return content + chunkOverhead * (chunks + Math.ceil(content / chunkLengthMax));
}

function onPacked(): void {}

/** How long a call has to be to carry so much at so many bit/s, in whole seconds: a little more than it takes on a good line. */
export function secondsToCarry(octets: number, rate: number): number {
  return Math.ceil((8 * octets) / (rate * shareForContent)) + handshakeSeconds;
}
