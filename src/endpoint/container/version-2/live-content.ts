import type { Clock, Timer } from '../../../time/clock.js';

/** How long an octet of live data waits for others, so that they go out together (AL-8). */
export const longestDelayMs = 500;

/**
 * Live data as it comes, and `pause` half a second after the first octet that is held back.
 * @param taken tells whether octets are held back
 * @param signal ends it
 * @throws the signal's reason; the source's own error
 */
export async function* liveContent(
  content: AsyncIterable<Uint8Array>,
  taken: { readonly holdsBack: boolean },
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array | 'pause'> {
  const source = content[Symbol.asyncIterator]();
  const events: (() => IteratorResult<Uint8Array> | 'pause')[] = [];
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
  try {
    for (ask(); ; ) {
      if (taken.holdsBack) timer ??= clock.setTimeout(() => tell(() => 'pause'), longestDelayMs);
      if (events.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      signal.throwIfAborted();
      const event = events.shift()?.();
      if (event === 'pause') {
        timer = undefined;
        yield event;
      } else if (event?.done) return;
      else if (event) {
        yield event.value;
        ask();
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    if (timer !== undefined) clock.clearTimeout(timer);
    // Not awaited: a source that waits for octets would hold it.
    void source.return?.().catch(() => undefined);
  }
}
