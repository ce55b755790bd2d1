import type { AccountNumber } from '../bytes/account-number.js';
import { atMost } from '../time/at-most.js';
import type { SessionFailure, SessionFailureOutcome, SessionWorld } from './session.js';

/** How the machines of both protocols tell that they failed. */
export interface Failed {
  readonly kind: 'failed';
  readonly failure: {
    readonly steps: readonly [string, ...string[]];
    readonly outcome: SessionFailureOutcome;
    readonly reason: string;
  };
  readonly detail: string | undefined;
  readonly peer: AccountNumber | undefined;
}

export interface Frame<Output> {
  /** For the log: `key exchange, sender`. */
  readonly name: string;
  readonly world: Pick<SessionWorld, 'clock' | 'log' | 'signal'>;
  readonly line: FramedLine;
  /** What was read from the connection before. */
  readonly opening?: Uint8Array;
  readonly outcome: Promise<Output>;
  /** Starts the machine, before the line is touched. */
  start(): void;
  /** Tells the machine that the operator gave up. */
  cancel(): void;
  /** After a defect: lets go of what the machine can let go no more. Must not reject. */
  letGo?(): Promise<unknown>;
}

interface FramedLine {
  readonly sent: number;
  readonly received: number;
  begin(opening?: Uint8Array): void;
  hangUp(): Promise<unknown>;
}

/** How long a line may take to be released after a defect. */
const releaseMs = 60_000;

/**
 * What surrounds every session: the operator's word reaches the machine, a defect ends as a failure with the
 * line released, and the Send Log or Receive Log gets its line (the "housekeeping information" of 380 and 390).
 */
export async function runFramed<Output extends { readonly kind: string }>(
  frame: Frame<Output>,
): Promise<Exclude<Output, { kind: 'failed' }> | SessionFailure> {
  const { world, line, name } = frame;
  const cancel = () => frame.cancel();
  world.signal?.addEventListener('abort', cancel, { once: true });
  try {
    frame.start();
    if (world.signal?.aborted) cancel();
    else line.begin(frame.opening);
    const ended = await frame.outcome;
    if (isFailed(ended)) return logFailure(frame, failureOf(ended));
    return logSuccess(frame, ended as Exclude<Output, { kind: 'failed' }>);
  } catch (defect) {
    world.log.error({ session: name, defect: String(defect) }, 'session ended by a defect');
    const lettingGo = Promise.all([line.hangUp().catch(() => {}), frame.letGo?.()]);
    await atMost(world.clock, releaseMs, lettingGo);
    return {
      kind: 'failed',
      step: 'none',
      outcome: 'local-error',
      reason: 'a defect in this program ended the session; the log says more',
      peer: undefined,
    };
  } finally {
    world.signal?.removeEventListener('abort', cancel);
  }
}

type Ended = { readonly kind: string };

function isFailed(ended: Ended): ended is Failed {
  return ended.kind === 'failed';
}

function failureOf({ failure, detail, peer }: Failed): SessionFailure {
  return {
    kind: 'failed',
    step: failure.steps[0],
    outcome: failure.outcome,
    reason: detail ? `${failure.reason} (${detail})` : failure.reason,
    peer,
  };
}

function logFailure({ name, world, line }: Frame<unknown>, failure: SessionFailure): SessionFailure {
  const { step, outcome, reason, peer } = failure;
  const octets = { octetsSent: line.sent, octetsReceived: line.received };
  world.log.info({ session: name, step, outcome, reason, peer, ...octets }, 'session failed');
  return failure;
}

function logSuccess<Success extends Ended>({ name, world, line }: Frame<unknown>, ended: Success): Success {
  const octets = { octetsSent: line.sent, octetsReceived: line.received };
  const peer = 'peer' in ended ? String(ended.peer) : undefined;
  world.log.info({ session: name, outcome: ended.kind, peer, ...octets }, 'session ended');
  return ended;
}
