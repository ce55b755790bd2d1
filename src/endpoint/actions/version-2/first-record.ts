import type { BridgedCall, ChannelEvent } from '../../../session/version-2/bridged-call.js';
import type { Clock } from '../../../time/clock.js';

/** A caller that has told what it owes begins at once. */
const patienceMs = 60_000;

/** The first event of a call. What follows it is held back until `release`. */
export interface FirstEvent {
  readonly event: ChannelEvent | { readonly type: 'timed-out' | 'cancelled' };
  release(): void;
}

/** What a call begins with, so that the protocol that it belongs to can take over the channel. */
export function firstEventOf(
  { channel }: BridgedCall,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<FirstEvent> {
  return new Promise((resolve) => {
    const settle = (first: FirstEvent) => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      resolve(first);
    };
    const cancel = () => settle({ event: { type: 'cancelled' }, release: () => {} });
    const timer = clock.setTimeout(
      () => settle({ event: { type: 'timed-out' }, release: () => {} }),
      patienceMs,
    );
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    else channel.listen((event) => new Promise((release) => settle({ event, release })));
  });
}
