import { readSymbols } from './digits.js';
import { calleeReleases, type Release, releases, transferReleases } from './failures.js';
import { recordedAni } from './rules.js';
import { type CallFacts, named, type TrunkContext, trunkSetup } from './trunk-setup.js';

/** Figure 4, the server's column: one call on one trunk, from its first ring to its closed record. */
export const trunkMachine = trunkSetup.createMachine({
  id: 'trunk',
  context: ({ input }) => ({
    ...input,
    ani: undefined,
    symbols: [],
    protocolVersion: undefined,
    callerAccount: undefined,
    calleeAccount: undefined,
    isRepeated: false,
    isQuote: false,
    refusals: [],
    calledNumber: undefined,
    calleeTrunksTried: 0,
    isPadOver: false,
    release: undefined,
  }),
  initial: 'ringing',
  on: {
    'caller.gone': { target: '.releasing', actions: { type: 'release', params: releases.callerGone } },
    'caller.lost': { target: '.releasing', actions: { type: 'release', params: releases.trunkLost } },
    'server.stopped': { target: '.releasing', actions: { type: 'release', params: releases.stopped } },
    'caller.left': {
      target: '.releasing',
      actions: { type: 'release', params: ({ event }) => event.release },
      meta: { steps: ['CM-315', 'CM-A3'] },
    },
    // Further rings, caller ID after the answer (fault 43), keys outside the collection (fault 42), and
    // results that come after their wait has ended.
    '*': { actions: { type: 'noteUnheeded', params: ({ event }) => ({ event: event.type }) } },
  },
  states: {
    /** The machine begins with the ring; its time was captured by whoever started it. */
    ringing: {
      meta: { steps: ['CM-275', 'CM-280'] },
      initial: 'openingRecord',
      on: {
        callerId: {
          actions: { type: 'keepCallerId', params: ({ event }) => ({ ani: event.id }) },
          meta: { steps: ['CM-290'] },
        },
        'caller.lost': { target: 'over', actions: { type: 'release', params: releases.trunkLost } },
        'server.stopped': { target: 'over', actions: { type: 'release', params: releases.stopped } },
      },
      after: { callerIdWait: { target: 'answering', meta: { steps: ['CM-290'] } } },
      states: {
        openingRecord: {
          meta: { steps: ['CM-285', 'CM-A8'] },
          entry: 'openRecord',
          on: {
            'record.opened': 'awaitingCallerId',
            'record.failed': {
              target: '#trunk.leftRinging',
              actions: { type: 'release', params: ({ event }) => temporaryFailure(event.reason) },
            },
          },
          after: {
            recordLimit: {
              target: '#trunk.leftRinging',
              actions: { type: 'release', params: releases.recordSlow },
            },
          },
        },
        awaitingCallerId: {
          meta: { steps: ['CM-290'] },
          always: { guard: 'hasCallerId', target: '#trunk.answering' },
        },
      },
    },
    /** Without a record there is no answer: the caller hears ring-back until it gives up. */
    leftRinging: {
      meta: { steps: ['CM-285', 'CM-A8'] },
      on: {
        ring: { target: 'leftRinging', reenter: true },
        'caller.lost': 'over',
        'server.stopped': 'over',
      },
      after: { ringGap: 'over' },
    },
    answering: {
      meta: { steps: ['CM-295', 'CM-A8'] },
      entry: 'answerVoice',
      on: {
        'caller.answered': 'settling',
        'caller.failed': {
          target: 'releasing',
          actions: { type: 'release', params: ({ event }) => outOfOrder(event.reason) },
        },
      },
      after: {
        answerLimit: { target: 'releasing', actions: { type: 'release', params: releases.answerSlow } },
      },
    },
    settling: {
      meta: { steps: ['CM-295'] },
      after: { settlingTime: 'collecting' },
    },
    collecting: {
      meta: { steps: ['CM-305', 'CM-A8'] },
      initial: 'awaitingFirstDigit',
      after: {
        accountsLimit: { target: 'refusing', actions: { type: 'release', params: releases.digitsTooSlow } },
      },
      states: {
        awaitingFirstDigit: {
          meta: { steps: ['CM-300', 'CM-A8'] },
          entry: { type: 'playSignal', params: { signal: 'ready' } },
          exit: 'stopSignal',
          on: {
            digit: {
              target: 'readingSymbols',
              actions: { type: 'keepSymbol', params: ({ event }) => ({ symbol: event.symbol }) },
            },
          },
          after: {
            firstDigitWait: {
              target: '#trunk.refusing',
              actions: { type: 'release', params: releases.noFirstDigit },
            },
          },
        },
        awaitingNextDigit: {
          meta: { steps: ['CM-305', 'CM-A8'] },
          on: {
            digit: {
              target: 'readingSymbols',
              actions: { type: 'keepSymbol', params: ({ event }) => ({ symbol: event.symbol }) },
            },
          },
          after: {
            digitGap: {
              target: '#trunk.refusing',
              actions: { type: 'release', params: releases.noNextDigit },
            },
          },
        },
        readingSymbols: {
          meta: { steps: ['CM-305'] },
          always: [
            { guard: 'isComplete', target: '#trunk.checking' },
            { guard: 'isVersionTwo', target: '#trunk.identifying' },
            { guard: 'isIncomplete', target: 'awaitingNextDigit' },
            {
              target: '#trunk.checking.holdingRefusal',
              actions: { type: 'release', params: ({ context }) => malformed(context) },
              meta: { steps: ['CM-315'] },
            },
          ],
        },
      },
    },
    identifying: {
      initial: 'awaitingCarrier',
      states: {
        awaitingCarrier: {
          meta: { steps: ['CM-A4', 'CM-A8'] },
          entry: 'answerData',
          on: {
            'caller.connected': 'awaitingRequest',
            'caller.failed': {
              target: '#trunk.releasing',
              actions: { type: 'release', params: ({ event }) => noCarrier(event.reason) },
              meta: { steps: ['CM-A3'] },
            },
          },
          after: {
            callerCarrierLimit: {
              target: '#trunk.releasing',
              actions: { type: 'release', params: releases.callerSlow },
            },
          },
        },
        awaitingRequest: {
          meta: { steps: ['CM-A4', 'CM-A8'] },
          entry: 'identifyCaller',
          on: {
            'caller.requested': {
              target: '#trunk.checking',
              actions: {
                type: 'keepRequest',
                params: ({ event }) => event,
              },
            },
          },
          after: {
            requestLimit: {
              target: '#trunk.releasing',
              actions: { type: 'release', params: releases.requestSlow },
            },
          },
        },
      },
    },
    /** From `#` or REQUEST on; every refusal that is found in here is heard at the same moment. */
    checking: {
      initial: 'lookingUp',
      after: { refusalPad: { actions: 'notePadOver', meta: { steps: ['CM-315'] } } },
      states: {
        lookingUp: {
          meta: { steps: ['CM-310', 'CM-A8'] },
          entry: {
            type: 'lookUp',
            params: ({ context }) => {
              const { callerAccount, calleeAccount } = named(context);
              return { caller: callerAccount, callee: calleeAccount };
            },
          },
          on: {
            'accounts.found': {
              target: 'comparing',
              actions: {
                type: 'examine',
                params: ({ event: { caller, callee, payerRefusal } }) => ({ caller, callee, payerRefusal }),
              },
            },
            'accounts.failed': {
              target: 'holdingRefusal',
              actions: { type: 'release', params: ({ event }) => temporaryFailure(event.reason) },
            },
          },
          after: {
            lookUpLimit: {
              target: 'holdingRefusal',
              actions: { type: 'release', params: releases.lookUpSlow },
            },
          },
        },
        comparing: {
          meta: { steps: ['CM-310', 'CM-320', 'CM-A2'] },
          always: [
            { guard: 'mayHandOver', target: '#trunk.handingOver' },
            {
              guard: 'mayQuote',
              target: '#trunk.quoting',
              actions: { type: 'release', params: releases.quoted },
              meta: { steps: ['BL-A2'] },
            },
            { guard: 'isCleared', target: 'awaitingFunds' },
            {
              target: 'holdingRefusal',
              actions: { type: 'release', params: ({ context }) => refused(context.refusals.join('; ')) },
              meta: { steps: ['CM-315'] },
            },
          ],
        },
        /** No two calls at once have the same rest of their payer's limit. */
        awaitingFunds: {
          meta: { steps: ['BL-A2', 'CM-A8'] },
          entry: 'holdFunds',
          on: {
            'funds.held': 'awaitingTrunk',
            'funds.short': {
              target: 'holdingRefusal',
              actions: { type: 'release', params: ({ event }) => refused(event.reason) },
            },
            'funds.failed': {
              target: 'holdingRefusal',
              actions: { type: 'release', params: ({ event }) => temporaryFailure(event.reason) },
            },
          },
          after: {
            lookUpLimit: {
              target: 'holdingRefusal',
              actions: { type: 'release', params: releases.lookUpSlow },
            },
          },
        },
        /** Before call OK, so that a caller cannot tell a server without a free trunk from a refusal. */
        awaitingTrunk: {
          meta: { steps: ['CM-330', 'CM-A8'] },
          entry: 'reserveTrunk',
          on: {
            'trunk.reserved': '#trunk.transferring',
            'trunk.none': {
              target: 'holdingRefusal',
              actions: { type: 'release', params: releases.noTrunk },
            },
          },
          after: {
            reserveLimit: {
              target: 'holdingRefusal',
              actions: { type: 'release', params: releases.noTrunk },
            },
          },
        },
        /** In version 2 the pad is that of the caller's leg, which counts from REQUEST. */
        holdingRefusal: {
          meta: { steps: ['CM-315'] },
          always: { guard: 'mayRefuse', target: '#trunk.refusing' },
        },
      },
    },
    /** The caller's leg says it, and hangs up: `caller.left`. */
    quoting: {
      meta: { steps: ['BL-A2', 'CM-A8'] },
      entry: { type: 'playSignal', params: { signal: 'quote' } },
      after: { tellingLimit: 'releasing' },
    },
    /** By hook-flash, version 1: no second trunk, and no octet of the call comes here. */
    handingOver: {
      initial: 'signallingOk',
      states: {
        signallingOk: {
          meta: { steps: ['CM-325'] },
          entry: { type: 'playSignal', params: { signal: 'call-ok' } },
          exit: 'stopSignal',
          after: { callOkTime: 'awaitingCallee' },
        },
        awaitingCallee: {
          meta: { steps: ['CM-330', 'CM-A8'] },
          entry: { type: 'handOver', params: ({ context }) => ({ number: cleared(context) }) },
          on: {
            'transfer.joined': {
              target: '#trunk.releasing',
              actions: { type: 'release', params: releases.transferred },
              meta: { steps: ['CM-330'] },
            },
            'transfer.alone': {
              target: '#trunk.releasing',
              actions: { type: 'release', params: releases.nobodyToJoin },
              meta: { steps: ['CM-A3'] },
            },
            'transfer.failed': {
              target: '#trunk.refusing',
              actions: { type: 'release', params: ({ event }) => transferReleases[event.result] },
              meta: { steps: ['CM-315', 'CM-A3'] },
            },
          },
          after: {
            handOverLimit: {
              target: '#trunk.refusing',
              actions: { type: 'release', params: releases.transferSlow },
            },
          },
        },
      },
    },
    transferring: {
      meta: { steps: ['CM-325', 'CM-330', 'CM-A8'] },
      entry: { type: 'playSignal', params: { signal: 'call-ok' } },
      exit: 'stopSignal',
      initial: 'callingCallee',
      on: {
        'callee.lost': {
          target: 'refusing',
          actions: { type: 'release', params: releases.calleeTrunkLost },
        },
      },
      after: {
        calleeLimit: { target: 'refusing', actions: { type: 'release', params: releases.calleeSlow } },
      },
      states: {
        callingCallee: {
          meta: { steps: ['CM-330'] },
          entry: [
            'noteCalleeTrunk',
            { type: 'dialCallee', params: ({ context }) => ({ number: cleared(context) }) },
          ],
          on: {
            'callee.connected': [
              { guard: 'isVersionTwo', target: '#trunk.invitingCallee' },
              { target: '#trunk.answeringCaller' },
            ],
            'callee.failed': [
              {
                guard: { type: 'mayTryAnotherTrunk', params: ({ event }) => ({ result: event.result }) },
                target: 'awaitingAnotherTrunk',
                actions: 'releaseCallee',
              },
              {
                target: '#trunk.refusing',
                actions: { type: 'release', params: ({ event }) => calleeReleases[event.result] },
                meta: { steps: ['CM-315', 'CM-A3'] },
              },
            ],
          },
        },
        awaitingAnotherTrunk: {
          meta: { steps: ['CM-330', 'CM-A8'] },
          entry: 'reserveTrunk',
          on: {
            'trunk.reserved': 'callingCallee',
            'trunk.none': {
              target: '#trunk.refusing',
              actions: { type: 'release', params: releases.noTrunk },
            },
          },
          after: {
            reserveLimit: {
              target: '#trunk.refusing',
              actions: { type: 'release', params: releases.noTrunk },
            },
          },
        },
      },
    },
    answeringCaller: {
      meta: { steps: ['CM-330', 'CM-A8'] },
      entry: 'answerData',
      on: {
        'caller.connected': 'bridged',
        'caller.failed': {
          target: 'releasing',
          actions: { type: 'release', params: ({ event }) => noCarrier(event.reason) },
          meta: { steps: ['CM-A3'] },
        },
        'callee.lost': {
          target: 'releasing',
          actions: { type: 'release', params: releases.calleeTrunkLost },
        },
      },
      after: {
        callerCarrierLimit: {
          target: 'releasing',
          actions: { type: 'release', params: releases.callerSlow },
        },
      },
    },
    invitingCallee: {
      meta: { steps: ['CM-A5', 'CM-A6', 'CM-A8'] },
      entry: 'inviteCallee',
      on: {
        'callee.accepted': { target: 'joining', meta: { steps: ['CM-A7'] } },
        'callee.declined': {
          target: 'refusing',
          actions: { type: 'release', params: ({ event }) => event.release },
          meta: { steps: ['CM-A3'] },
        },
        'callee.lost': {
          target: 'refusing',
          actions: { type: 'release', params: releases.calleeTrunkLost },
        },
      },
      after: {
        invitationLimit: {
          target: 'refusing',
          actions: { type: 'release', params: releases.invitationSlow },
        },
      },
    },
    /** Once BRIDGED is under way nothing else can be said to the caller. */
    joining: {
      meta: { steps: ['CM-A7', 'CM-A8'] },
      entry: 'tellBridged',
      on: {
        'caller.bridged': 'bridged',
        'callee.lost': {
          target: 'releasing',
          actions: { type: 'release', params: releases.calleeTrunkLost },
        },
      },
      after: {
        joiningLimit: { target: 'releasing', actions: { type: 'release', params: releases.callerSlow } },
      },
    },
    /** As long as both sides wish, and who pays; carrier loss on either line ends it. */
    bridged: {
      tags: 'unlimited',
      meta: { steps: ['CM-330', 'CM-A7'] },
      entry: 'startBridge',
      on: {
        'bridge.ending': { target: 'draining', actions: { type: 'release', params: releases.completed } },
        'bridge.limit': {
          target: 'draining',
          actions: { type: 'release', params: ({ event }) => limitReached(event.reason) },
          meta: { steps: ['BL-A2'] },
        },
        'bridge.stalled': { target: 'draining', actions: { type: 'release', params: releases.stalled } },
        'caller.lost': { target: 'draining', actions: { type: 'release', params: releases.trunkLost } },
        'callee.lost': {
          target: 'draining',
          actions: { type: 'release', params: releases.calleeTrunkLost },
        },
        'server.stopped': { target: 'draining', actions: { type: 'release', params: releases.stopped } },
      },
    },
    draining: {
      meta: { steps: ['CM-330', 'CM-A8'] },
      entry: 'endBridge',
      on: {
        'bridge.released': 'releasing',
        'caller.gone': {},
        'caller.left': {},
        'caller.lost': {},
        'server.stopped': {},
      },
      after: { drainLimit: 'releasing' },
    },
    refusing: {
      meta: { steps: ['CM-315', 'CM-A3'] },
      entry: [
        'releaseCallee',
        {
          type: 'playSignal',
          params: ({ context }) => ({ signal: 'refusal', release: releaseOf(context) }),
        },
      ],
      exit: 'stopSignal',
      initial: 'sounding',
      states: {
        sounding: {
          always: { guard: 'isVersionTwo', target: 'telling' },
          after: { refusalTime: '#trunk.releasing' },
        },
        /** The caller's leg says it, and hangs up: `caller.left`. */
        telling: {
          meta: { steps: ['CM-A8'] },
          after: { tellingLimit: '#trunk.releasing' },
        },
      },
    },
    releasing: {
      meta: { steps: ['CM-A8'] },
      entry: ['releaseCallee', 'hangUpCaller'],
      on: {
        'caller.onHook': 'over',
        'caller.lost': 'over',
        'caller.gone': {},
        'caller.left': {},
        'server.stopped': {},
      },
      after: { hangUpLimit: { target: 'over', actions: 'takeOutOfService' } },
    },
    over: {
      type: 'final',
      meta: { steps: ['CM-335'] },
      entry: { type: 'closeRecord', params: ({ context }) => factsOf(context) },
    },
  },
});

function cleared(context: TrunkContext): string {
  if (context.calledNumber === undefined) throw new Error('the call was not cleared');
  return context.calledNumber;
}

function malformed(context: TrunkContext): Release {
  const heard = readSymbols(context.symbols);
  return refused(heard.kind === 'malformed' ? heard.reason : 'malformed');
}

function refused(reason: string): Release {
  return { outcome: 'refused', cause: 21, reason };
}

/** The far end hears the release of the line, as at any end. */
function limitReached(reason: string): Release {
  return { outcome: 'completed', cause: 31, reason };
}

function noCarrier(reason: string): Release {
  return { outcome: 'no-carrier', cause: 31, reason };
}

function temporaryFailure(reason: string): Release {
  return { outcome: 'failed', cause: 41, reason };
}

function outOfOrder(reason: string): Release {
  return { outcome: 'failed', cause: 27, reason };
}

function factsOf(context: TrunkContext): CallFacts {
  const { ani, callerAccount, calleeAccount, protocolVersion, isQuote } = context;
  // Who asks for the price has nobody called.
  const calledNumber = isQuote ? undefined : context.calledNumber;
  const release = releaseOf(context);
  return { ani: recordedAni(ani), callerAccount, calleeAccount, calledNumber, protocolVersion, release };
}

function releaseOf({ release }: TrunkContext): Release {
  if (!release) throw new Error('the call is over without a cause');
  return release;
}
