import { type Release, releases } from '../protocol/call-manager/failures.js';
import type { ApprovedCall } from '../protocol/identity/caller-leg.js';
import type { CallTerms } from '../protocol/identity/packets.js';
import type { DataConnection } from '../pstn/modem/modem.js';
import type { SessionFailureOutcome } from '../session/session.js';
import type { ServerIdentity } from '../session/version-2/identity.js';
import {
  type CallDecision,
  type CallerAccount,
  type CallerLeg,
  type CallerLegResult,
  type IncomingRequest,
  type ServeCallerOptions,
  serveCaller,
} from '../session/version-2/serve-caller.js';
import type { Subscribers } from '../store/subscribers.js';
import type { OpenRequests } from './open-requests.js';

export interface IdentifiedCallerOptions
  extends Pick<ServeCallerOptions, 'connection' | 'clock' | 'random' | 'log'> {
  readonly identity: ServerIdentity;
  readonly subscribers: Subscribers;
  readonly requests: OpenRequests;
  /** The caller has proved its account; `approve`, `quote` or `refuse` follows. */
  requested(request: IncomingRequest, isRepeated: boolean): void;
  /** It has acknowledged BRIDGED: the connection is the bridge's. */
  bridged(connection: DataConnection): void;
  /** The leg is over otherwise, and on-hook. */
  left(release: Release): void;
}

/** The A-leg of a version 2 call, from its carrier to the bridge: the machine of `protocol/identity` in the words of Figure 4's. */
export class IdentifiedCaller {
  readonly #options: IdentifiedCallerOptions;
  readonly #abort = new AbortController();
  readonly #leg: CallerLeg;
  #request: IncomingRequest | undefined;
  #isClaimed = false;
  #decide: ((decision: CallDecision) => void) | undefined;
  /** Why an account that was found is none. */
  #fault: string | undefined;

  constructor(options: IdentifiedCallerOptions) {
    const { connection, clock, random, log, identity } = options;
    this.#options = options;
    this.#leg = serveCaller({
      ...{ connection, clock, random, log, identity, signal: this.#abort.signal },
      findAccount: (staticKey) => this.#findAccount(staticKey),
      authorise: (request) => this.#authorise(request),
    });
    void this.#leg.over.then((result) => {
      if (result.kind === 'bridged') options.bridged(result.connection);
      else options.left(this.#releaseFor(result));
    });
  }

  /** What it wants, once it has proved who it is. */
  get request(): IncomingRequest | undefined {
    return this.#request;
  }

  /** What is to reach the callee ahead of the bridge. Never settles where the caller leaves before. */
  get early(): Promise<Uint8Array> {
    return this.#leg.early;
  }

  approve(call: ApprovedCall): void {
    this.#decide?.({ kind: 'approved', call });
    this.#decide = undefined;
  }

  /** To a request for a quote. The line is released then. */
  quote(terms: CallTerms): void {
    this.#decide?.({ kind: 'quoted', terms });
    this.#decide = undefined;
  }

  /** Before an approval the caller learns nothing; after it, the cause. */
  refuse({ cause, reason }: Release): void {
    if (this.#decide) this.#decide({ kind: 'refused', reason: reason ?? 'refused' });
    else this.#leg.decline(cause);
    this.#decide = undefined;
  }

  /** The callee has accepted. */
  bridge(): void {
    this.#leg.bridge();
  }

  /** Lets the caller go, whatever it was told. */
  abandon(): void {
    this.#abort.abort();
  }

  /** The call is over: its request id may be used again. */
  end(): void {
    if (this.#request && this.#isClaimed)
      this.#options.requests.end(this.#request.caller, this.#request.requestId);
  }

  /** A suspended account is none, to the caller; the record tells. */
  async #findAccount(staticKey: Uint8Array): Promise<CallerAccount | undefined> {
    const found = await this.#options.subscribers.findByKey(staticKey);
    if (!found || found.state === 'active') return found;
    this.#fault = `caller ${found.account} ${found.state}`;
    return undefined;
  }

  #authorise(request: IncomingRequest): Promise<CallDecision> {
    this.#request = request;
    this.#isClaimed = this.#options.requests.begin(request.caller, request.requestId);
    return new Promise((decide) => {
      this.#decide = decide;
      this.#options.requested(request, !this.#isClaimed);
    });
  }

  #releaseFor(result: Exclude<CallerLegResult, { kind: 'bridged' }>): Release {
    if (result.kind === 'quoted') return releases.quoted;
    if (result.kind === 'not-bridged') return releases.calleeUndecided;
    const reason = this.#fault ? `${this.#fault}: ${result.reason}` : result.reason;
    return { ...(byOutcome[result.outcome] ?? failed), reason };
  }
}

const failed = { outcome: 'failed', cause: 41 } as const;

const byOutcome: Partial<Record<SessionFailureOutcome, Pick<Release, 'outcome' | 'cause'>>> = {
  refused: { outcome: 'refused', cause: 21 },
  'not-authentic': { outcome: 'refused', cause: 21 },
  'timed-out': { outcome: 'abandoned', cause: 31 },
  interrupted: { outcome: 'abandoned', cause: 16 },
};
