import { assign, setup } from 'xstate';
import type { AccountNumber } from '../../bytes/account-number.js';
import type { CallerId, DtmfSymbol } from '../../pstn/signals.js';
import { readSymbols } from './digits.js';
import type { CalleeFailure, Release, TransferFailure } from './failures.js';
import { refusals, type SubscriberFacts } from './rules.js';

export interface TrunkInput {
  /** The server's directory number, which no callee may have. */
  readonly serverNumber: string;
  /** How a caller gets to its callee in version 1; in version 2 always by the bridge (CM-330). */
  readonly transfer: TransferMethod;
}

/** Joining two trunks of the server, or a hook-flash on the caller's own, whose line has transfer service. */
export type TransferMethod = 'bridge' | 'hook-flash';

/** What an identified caller wants. */
export interface IdentifiedRequest {
  readonly caller: AccountNumber;
  readonly callee: AccountNumber;
  /** A call under the same request id of this account is under way. */
  readonly isRepeated: boolean;
  /** It asks what the call would cost, and makes none. */
  readonly isQuote: boolean;
}

export interface TrunkContext extends TrunkInput {
  readonly ani: CallerId | undefined;
  readonly symbols: readonly DtmfSymbol[];
  readonly protocolVersion: 1 | 2 | undefined;
  readonly callerAccount: AccountNumber | undefined;
  readonly calleeAccount: AccountNumber | undefined;
  readonly isRepeated: boolean;
  readonly isQuote: boolean;
  /** Why the call is refused; empty when it is cleared. */
  readonly refusals: readonly string[];
  /** From the database, never from the caller (CM-330). */
  readonly calledNumber: string | undefined;
  readonly calleeTrunksTried: number;
  /** One second has passed since `#`: a refusal may be heard now. */
  readonly isPadOver: boolean;
  /** The first cause counts. */
  readonly release: Release | undefined;
}

export type TrunkEvent =
  | { readonly type: 'ring' }
  | { readonly type: 'callerId'; readonly id: CallerId }
  | { readonly type: 'record.opened' }
  | { readonly type: 'record.failed'; readonly reason: string }
  | { readonly type: 'caller.answered' }
  | { readonly type: 'digit'; readonly symbol: DtmfSymbol }
  /** Loop break, or a tone that only an abandoned line hears. */
  | { readonly type: 'caller.gone' }
  /** Version 2: the caller has proved its account and named the callee. */
  | ({ readonly type: 'caller.requested' } & IdentifiedRequest)
  /** Version 2: it was told that the lines are joined, and has acknowledged that. */
  | { readonly type: 'caller.bridged' }
  /** Version 2: its leg ended otherwise: it was told of the refusal, did not prove its account, or hung up. It is on-hook. */
  | { readonly type: 'caller.left'; readonly release: Release }
  | {
      readonly type: 'accounts.found';
      readonly caller: SubscriberFacts | undefined;
      readonly callee: SubscriberFacts | undefined;
      /** Why who pays may not pay for it. */
      readonly payerRefusal: string | undefined;
    }
  | { readonly type: 'accounts.failed'; readonly reason: string }
  /** What the call may cost is set aside for it, where its payer has a limit. */
  | { readonly type: 'funds.held' }
  | { readonly type: 'funds.short'; readonly reason: string }
  | { readonly type: 'funds.failed'; readonly reason: string }
  | { readonly type: 'trunk.reserved' }
  | { readonly type: 'trunk.none' }
  | { readonly type: 'callee.connected' }
  | { readonly type: 'callee.failed'; readonly result: CalleeFailure }
  /** Version 2: the callee has proved its account and takes the call. */
  | { readonly type: 'callee.accepted' }
  /** Version 2: it does not take it, is somebody else, or says nothing. */
  | { readonly type: 'callee.declined'; readonly release: Release }
  /** By hook-flash: the callee has answered, and both are joined in the exchange. */
  | { readonly type: 'transfer.joined' }
  /** The callee has answered, and there was nobody to be joined to it. */
  | { readonly type: 'transfer.alone' }
  /** The caller is on this line again, if on any. */
  | { readonly type: 'transfer.failed'; readonly result: TransferFailure }
  | { readonly type: 'caller.connected' }
  /** Of `answerVoice` or `answerData`. */
  | { readonly type: 'caller.failed'; readonly reason: string }
  /** One side released its line; what it sent is still on its way to the other. */
  | { readonly type: 'bridge.ending' }
  /** One side has taken nothing for minutes although octets wait for it. */
  | { readonly type: 'bridge.stalled' }
  /** It has lasted for as long as its payer's limit lets it. */
  | { readonly type: 'bridge.limit'; readonly reason: string }
  | { readonly type: 'bridge.released' }
  | { readonly type: 'caller.onHook' }
  | { readonly type: 'caller.lost' }
  | { readonly type: 'callee.lost' }
  | { readonly type: 'server.stopped' };

/** What the machine knows of the call at its end; the times and octets are the recorder's own. */
export interface CallFacts {
  readonly ani: string | undefined;
  readonly callerAccount: AccountNumber | undefined;
  readonly calleeAccount: AccountNumber | undefined;
  readonly calledNumber: string | undefined;
  readonly protocolVersion: 1 | 2 | undefined;
  readonly release: Release;
}

/** Step 300, 325 and 315: second dial tone, ring-back, reorder; in version 2 the latter two, and a quote, are messages. */
export type TrunkSignal =
  | { readonly signal: 'ready' | 'call-ok' | 'quote' }
  | { readonly signal: 'refusal'; readonly release: Release };

/** A trunk that rings or has no dial tone costs a try, not the call. */
const calleeTrunkTries = 3;

/** What the machine orders, asks and waits for. The bodies of the orders are the server's. */
export const trunkSetup = setup({
  types: {
    input: {} as TrunkInput,
    context: {} as TrunkContext,
    events: {} as TrunkEvent,
    meta: {} as { readonly steps: readonly string[] },
    tags: {} as 'unlimited',
  },
  actions: {
    /** Durable before the answer: `record.opened` or `record.failed` follows. */
    openRecord: () => {},
    answerVoice: () => {},
    playSignal: (_, _params: TrunkSignal) => {},
    stopSignal: () => {},
    /** All at once, whatever one of them finds, and the price too: `accounts.found` or `accounts.failed` follows. */
    lookUp: (_, _params: { readonly caller: AccountNumber; readonly callee: AccountNumber }) => {},
    /** `funds.held`, `.short` or `.failed` follows. */
    holdFunds: () => {},
    reserveTrunk: () => {},
    dialCallee: (_, _params: { readonly number: string }) => {},
    /** Hook-flash, digits, the callee's answer, hook-flash: `transfer.joined`, `.alone` or `.failed` follows. */
    handOver: (_, _params: { readonly number: string }) => {},
    answerData: () => {},
    /** Version 2, after `caller.connected`: `caller.requested` or `caller.left` follows. */
    identifyCaller: () => {},
    /** Version 2, after `callee.connected`: `callee.accepted` or `callee.declined` follows. */
    inviteCallee: () => {},
    /** Version 2, after `callee.accepted`: `caller.bridged` or `caller.left` follows. */
    tellBridged: () => {},
    startBridge: () => {},
    /** Lets what was sent reach both sides, then hangs up both: `bridge.released` follows. */
    endBridge: () => {},
    /** Hangs the callee's trunk up and gives it back; nothing to do where there is none. */
    releaseCallee: () => {},
    hangUpCaller: () => {},
    closeRecord: (_, _params: CallFacts) => {},
    /** The modem did not confirm its hang-up. */
    takeOutOfService: () => {},
    noteUnheeded: (_, _params: { readonly event: string }) => {},
    release: assign(({ context }, release: Release) => ({ release: context.release ?? release })),
    keepCallerId: assign((_, params: { readonly ani: CallerId }) => params),
    keepSymbol: assign(({ context }, params: { readonly symbol: DtmfSymbol }) => {
      const symbols = [...context.symbols, params.symbol];
      const heard = readSymbols(symbols);
      if (heard.kind === 'unnamed') return { symbols, protocolVersion: 2 as const };
      return heard.kind === 'accounts'
        ? { symbols, protocolVersion: 1 as const, callerAccount: heard.caller, calleeAccount: heard.callee }
        : { symbols };
    }),
    keepRequest: assign((_, { caller, callee, isRepeated, isQuote }: IdentifiedRequest) => ({
      callerAccount: caller,
      calleeAccount: callee,
      isRepeated,
      isQuote,
    })),
    examine: assign(
      (
        { context },
        found: {
          readonly caller: SubscriberFacts | undefined;
          readonly callee: SubscriberFacts | undefined;
          readonly payerRefusal: string | undefined;
        },
      ) => {
        const { serverNumber, ani, isRepeated } = context;
        const parties = named(context);
        const { payerRefusal, ...accounts } = found;
        const why = refusals({ serverNumber, ani, isRepeated, ...parties, ...accounts });
        if (payerRefusal !== undefined) why.push(payerRefusal);
        return { refusals: why, calledNumber: why.length === 0 ? found.callee?.number : undefined };
      },
    ),
    noteCalleeTrunk: assign(({ context }) => ({ calleeTrunksTried: context.calleeTrunksTried + 1 })),
    notePadOver: assign({ isPadOver: true }),
  },
  guards: {
    hasCallerId: ({ context }) => context.ani !== undefined,
    isIncomplete: ({ context }) => readSymbols(context.symbols).kind === 'incomplete',
    isComplete: ({ context }) => readSymbols(context.symbols).kind === 'accounts',
    isVersionTwo: ({ context }) => context.protocolVersion === 2,
    mayHandOver: ({ context }) =>
      context.refusals.length === 0 && context.transfer === 'hook-flash' && context.protocolVersion === 1,
    isCleared: ({ context }) => context.refusals.length === 0,
    mayQuote: ({ context }) => context.refusals.length === 0 && context.isQuote,
    mayRefuse: ({ context }) => context.isPadOver || context.protocolVersion === 2,
    mayTryAnotherTrunk: ({ context }, params: { readonly result: CalleeFailure }) =>
      (params.result === 'glare' || params.result === 'no-dial-tone') &&
      context.calleeTrunksTried < calleeTrunkTries,
  },
  delays: {
    recordLimit: 5_000,
    /** Counted from the first ring (CM-290); longer than `recordLimit`, so the record is open by then. */
    callerIdWait: 6_000,
    /** S1 is cleared so long after the last ring: the caller has given up. */
    ringGap: 8_000,
    answerLimit: 10_000,
    settlingTime: 500,
    firstDigitWait: 10_000,
    digitGap: 5_000,
    accountsLimit: 30_000,
    /** CM-315: every refusal is heard this long after `#`. */
    refusalPad: 1_000,
    lookUpLimit: 5_000,
    reserveLimit: 1_000,
    /** The callee modem's S7 of 60 s, the dialling and the modem's own slack. */
    calleeLimit: 90_000,
    /** One burst of ring-back; then the caller is on hold, and hears nothing. */
    callOkTime: 2_000,
    /** Flash, digits, 60 s to the answer, flash. */
    handOverLimit: 120_000,
    /** The caller's S7 of 60 s and slack. */
    callerCarrierLimit: 75_000,
    /** Version 2: above what the identity machines allow themselves for this wait, each with its release (60 s). */
    requestLimit: 130_000,
    invitationLimit: 160_000,
    joiningLimit: 100_000,
    tellingLimit: 70_000,
    refusalTime: 3_000,
    /** The modem gives up on a far end that takes nothing long before; this is for one that is very slow. */
    drainLimit: 600_000,
    /** DTR, then the escape, each with its tries: the modem reports itself lost before. */
    hangUpLimit: 120_000,
  },
});

/** Whom the call is between. Step 310 and later. */
export function named(context: TrunkContext) {
  const { callerAccount, calleeAccount, protocolVersion } = context;
  if (!callerAccount || !calleeAccount || !protocolVersion) throw new Error('no accounts were named yet');
  return { callerAccount, calleeAccount, protocolVersion };
}
