import {
  type BridgedCall,
  type ChannelEvent,
  heardThrough,
} from '../../../session/version-2/bridged-call.js';
import type { Clock } from '../../../time/clock.js';

/** A caller that has told what it owes begins at once. */
const patienceMs = 60_000;

/** How a call begins. */
export interface FirstEvent {
  readonly event: ChannelEvent | { readonly type: 'timed-out' | 'cancelled' };
  /** The call for the protocol that it belongs to: what follows the event, a hang-up too, is held back until that listens. */
  readonly call: BridgedCall;
}

/** What a call begins with, so that the protocol that it belongs to can take over the channel. */
export function firstEventOf(
  call: BridgedCall,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<FirstEvent> {
  const { channel } = call;
  return new Promise((resolve) => {
    const settle = (event: FirstEvent['event'], release: () => void) => {
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      const heldBack = heardThrough(channel, (listener) => {
        channel.listen(listener);
        release();
      });
      resolve({ event, call: { ...call, channel: heldBack } });
    };
    const cancel = () => settle({ type: 'cancelled' }, () => {});
    const timer = clock.setTimeout(() => settle({ type: 'timed-out' }, () => {}), patienceMs);
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    else channel.listen((event) => new Promise((release) => settle(event, release)));
  });
}
