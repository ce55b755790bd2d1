import { type Release, releases } from '../protocol/call-manager/failures.js';
import type { SessionFailureOutcome } from '../session/session.js';
import {
  type AcceptedLeg,
  type CalleeLegResult,
  type ServeCalleeOptions,
  serveCallee,
} from '../session/version-2/serve-callee.js';

export type Invitation =
  | { readonly kind: 'accepted'; readonly leg: AcceptedLeg }
  /** On-hook. */
  | { readonly kind: 'declined'; readonly release: Release };

/** The B-leg of a version 2 call, from its carrier to the bridge: what becomes of it, in the words of Figure 4. */
export async function inviteCallee(options: ServeCalleeOptions): Promise<Invitation> {
  const result = await serveCallee(options);
  return result.kind === 'accepted'
    ? result
    : { kind: 'declined', release: releaseFor(result, options.isCollect) };
}

function releaseFor(result: Exclude<CalleeLegResult, { kind: 'accepted' }>, isCollect: boolean): Release {
  if (result.kind === 'declined') {
    if (result.answer !== 'refuse') return releases.doNotDisturb;
    return isCollect ? releases.declinedToPay : releases.declined;
  }
  return { ...(byOutcome[result.outcome] ?? failed), reason: result.reason };
}

const failed = { outcome: 'failed', cause: 41 } as const;

const byOutcome: Partial<Record<SessionFailureOutcome, Pick<Release, 'outcome' | 'cause'>>> = {
  'not-authentic': { outcome: 'refused', cause: 31 },
  'timed-out': { outcome: 'no-answer', cause: 19 },
  interrupted: { outcome: 'no-carrier', cause: 31 },
};
