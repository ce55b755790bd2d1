import type { Clock, Timer } from '../../../time/clock.js';

/** How long an octet of live data waits for others, so that they go out together (AL-8). */
export const longestDelayMs = 500;

/** A recipient takes a sender that is silent for 300 s for dead. */
const longestSilenceMs = 120_000;

/**
 * Live data as it comes, `pause` half a second after the first octet that is held back, and `silence` when nothing was yielded for two
 * minutes.
 * @param taken tells whether octets are held back
 * @param signal ends it
 * @throws the signal's reason; the source's own error
 */
export async function* liveContent(
  content: AsyncIterable<Uint8Array>,
  taken: { readonly holdsBack: boolean },
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array | 'pause' | 'silence'> {
  const source = content[Symbol.asyncIterator]();
  const events: (() => IteratorResult<Uint8Array> | 'pause' | 'silence')[] = [];
  let wake = () => {};
  const tell = (event: (typeof events)[number]) => {
    events.push(event);
    wake();
  };
  const ask = () =>
    void source.next().then(
      (result) => tell(() => result),
      (error: unknown) =>
        tell(() => {
          throw error;
        }),
    );
  const stop = () => wake();
  signal.addEventListener('abort', stop);
  let timer: Timer | undefined;
  let silence: Timer | undefined;
  try {
    for (ask(); ; ) {
      if (taken.holdsBack) timer ??= clock.setTimeout(() => tell(() => 'pause'), longestDelayMs);
      silence = clock.setTimeout(() => tell(() => 'silence'), longestSilenceMs);
      if (events.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      clock.clearTimeout(silence);
      signal.throwIfAborted();
      const event = events.shift()?.();
      if (event === 'pause') timer = undefined;
      if (event === 'pause' || event === 'silence') yield event;
      else if (event?.done) return;
      else if (event) {
        yield event.value;
        ask();
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    for (const each of [timer, silence]) if (each !== undefined) clock.clearTimeout(each);
    // Not awaited: a source that waits for octets would hold it.
    void source.return?.().catch(() => undefined);
  }
}
