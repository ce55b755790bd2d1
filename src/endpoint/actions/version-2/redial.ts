import type { Clock } from '../../../time/clock.js';
import { nameOf } from '../action.js';
import type { CallOptions } from '../call-peer.js';
import type { Failed } from '../events.js';
import { type CallEnd, type Transmission, transmit } from './transmit.js';

/** Before each call that follows a dropped one: the other side and the server may need a while to notice. */
const pausesMs = [10_000, 30_000, 90_000];

/** While a line comes back; otherwise what a redialled call comes to is a person's business. */
const passing: readonly Failed['outcome'][] = [
  'interrupted',
  'timed-out',
  'busy',
  'no-answer',
  'no-carrier',
  'no-dial-tone',
  'refused',
];

/**
 * Calls until the transfer is delivered or cannot be. A call that drops in the middle of it is dialled again, three times at most;
 * one that does not get so far is told at once.
 * @param gone aborted when the modem is lost
 */
export async function transmitRedialling(
  of: Transmission,
  options: CallOptions,
  gone: AbortSignal,
): Promise<CallEnd> {
  const { endpoint, peer } = of;
  const signals = [gone, ...(options.signal ? [options.signal] : [])];
  let end = await transmit(of, options);
  let wasUnderWay = false;
  let wasAtLimit = false;
  for (const pauseMs of pausesMs) {
    if (end.kind === 'delivered' || end.transfer === 'never') return end;
    wasUnderWay ||= end.transfer === 'broken off';
    if (wasAtLimit && end.failed.outcome === 'refused') return spent(end);
    wasAtLimit = end.isAtLimit ?? false;
    if (!wasUnderWay || !passing.includes(end.failed.outcome)) return end;
    const { reason } = end.failed;
    options.onEvent({ event: 'redialing', peer: nameOf(peer), seconds: pauseMs / 1_000, reason });
    if ((await pause(endpoint.world.clock, pauseMs, signals)) === 'aborted') return end;
    end = await transmit({ ...of, isResumed: true }, options);
  }
  if (end.kind === 'delivered' || end.transfer === 'never' || !passing.includes(end.failed.outcome))
    return end;
  const reason = `${end.failed.reason} It was dialled again ${pausesMs.length} times.`;
  return { ...end, transfer: 'broken off', failed: { ...end.failed, outcome: 'interrupted', reason } };
}

/** What is left of the limit pays for no further call. */
function spent(end: Extract<CallEnd, { kind: 'failed' }>): CallEnd {
  const reason =
    'The server released the call, since who pays has a limit for the day or the month, and lets no further one pass now.';
  return { ...end, transfer: 'broken off', failed: { ...end.failed, outcome: 'interrupted', reason } };
}

function pause(clock: Clock, pauseMs: number, signals: readonly AbortSignal[]): Promise<'over' | 'aborted'> {
  return new Promise((resolve) => {
    const settle = (how: 'over' | 'aborted') => {
      clock.clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', abort);
      resolve(how);
    };
    const abort = () => settle('aborted');
    const timer = clock.setTimeout(() => settle('over'), pauseMs);
    for (const signal of signals) signal.addEventListener('abort', abort);
    if (signals.some(({ aborted }) => aborted)) abort();
  });
}
