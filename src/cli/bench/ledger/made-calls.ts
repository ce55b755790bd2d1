import { type AccountNumber, parseAccountNumber } from '../../../bytes/account-number.js';
import { known } from '../../../bytes/known.js';
import { trackingId } from '../../../bytes/tracking-id.js';
import { type Uniform, uniformStream } from '../../../pstn/central-office/random-stream.js';
import type { CallOutcome } from '../../../store/call-kinds.js';
import type { ClosedCall, OpenCall } from '../../../store/calls.js';

/** A call from its ring to its record. */
export interface MadeCall {
  readonly open: OpenCall;
  readonly closed: ClosedCall;
}

export const accountCount = 500;
export const trunkCount = 24;

/** How calls end, in a hundred; with the Q.850 cause. */
const ends: readonly (readonly [share: number, outcome: CallOutcome, cause: number])[] = [
  [70, 'completed', 16],
  [12, 'busy', 17],
  [10, 'no-answer', 19],
  [4, 'no-carrier', 41],
  [2, 'refused', 21],
  [1, 'abandoned', 16],
  [1, 'failed', 34],
];

export interface Making {
  readonly count: number;
  readonly seed: number;
  /** Rings are spread evenly from here to there. */
  readonly from: Date;
  readonly to: Date;
}

/** Calls of 500 accounts over 24 trunks in the order of their rings: the same at every run but for when it is. */
export function* madeCalls({ count, seed, from, to }: Making): Generator<MadeCall> {
  const chance = uniformStream(seed);
  const spacingMs = (to.getTime() - from.getTime()) / count;
  for (let index = 0; index < count; index++) {
    yield madeCall(chance, new Date(Math.floor(from.getTime() + index * spacingMs)));
  }
}

export function account(index: number): AccountNumber {
  return known(parseAccountNumber(String(index + 1)));
}

/** The telephone number of an account. */
export const numberOf = (index: number) => `555${String(index).padStart(4, '0')}`;

export const trunk = (index: number) => `sim:${5_550_100 + index}`;

function madeCall(chance: Uniform, ringAt: Date): MadeCall {
  const below = (limit: number) => Math.floor(chance() * limit);
  const after = (seconds: number) => new Date(ringAt.getTime() + Math.round(seconds * 1_000));
  const random = Uint8Array.from({ length: 10 }, () => below(256));
  // A few accounts make most of the calls.
  const [caller, callee] = [Math.floor(accountCount ** chance()) - 1, below(accountCount)];
  const [, outcome, releaseCause] = known(endAt(100 * chance()));
  const isBridged = outcome === 'completed';
  const talkSeconds = isBridged ? -180 * Math.log1p(-chance()) : 0;
  const isVersionOne = chance() < 0.04;
  const bridgeAt = isBridged ? after(21) : undefined;
  return {
    open: {
      trackingId: trackingId(ringAt.getTime(), random),
      port: trunk(below(trunkCount)),
      ani: undefined,
      ringAt,
    },
    closed: {
      ani: numberOf(caller),
      callerAccount: account(caller),
      calleeAccount: account(callee),
      calledNumber: numberOf(callee),
      calleePort: trunk(below(trunkCount)),
      protocolVersion: isVersionOne ? 1 : 2,
      callClass: isVersionOne ? undefined : chance() < 0.02 ? 'pairing' : 'delivery',
      isCollect: false,
      answerAt: after(2),
      bridgeAt,
      endAt: after(21 + talkSeconds),
      durationSeconds: Math.ceil(21 + talkSeconds),
      billableSeconds: Math.ceil(talkSeconds),
      octetsFromCaller: Math.ceil(talkSeconds * 3_300),
      octetsFromCallee: Math.ceil(talkSeconds * 90),
      outcome,
      releaseCause,
      reason: undefined,
    },
  };
}

function endAt(percent: number) {
  let left = percent;
  for (const end of ends) {
    left -= end[0];
    if (left < 0) return end;
  }
  return ends[0];
}
