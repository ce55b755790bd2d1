import type { ExportedCall } from '../../store/exports.js';
import { type ExportFormat, noOctets, textOctets } from './format.js';
import { localTimes, stamp } from './local-times.js';
import { quoted } from './quoted.js';

/** The template `example` of mod_cdr_csv, its default, for A-legs (telephony.md 7.2). */
export const freeswitch: ExportFormat = {
  description: 'mod_cdr_csv of FreeSWITCH, its default template, 15 columns, local times',
  takes: ['zone'],
  canReplace: false,
  form({ zone }) {
    const localTime = localTimes(zone);
    const time = (at: Date | undefined) => (at === undefined ? '' : stamp(localTime(at)));
    return {
      head: () => noOctets,
      record: (call) => textOctets(`${columns(call, time).map(quoted).join(',')}\n`),
      tail: () => noOctets,
    };
  },
};

function columns(call: ExportedCall, time: (at: Date | undefined) => string): string[] {
  const { ani = '', callerAccount = '' } = call;
  return [
    callerAccount,
    ani,
    call.calledNumber ?? '',
    'cordboard',
    time(call.ringAt),
    time(call.bridgeAt),
    time(call.endAt),
    String(call.durationSeconds),
    String(call.billableSeconds),
    causeNames[call.releaseCause] ?? 'UNKNOWN',
    call.trackingId,
    // One record is both legs here, and no codec is in between.
    '',
    call.billTo ?? callerAccount,
    '',
    '',
  ];
}

/** Q.850 causes as FreeSWITCH names them (its switch_types.h); what it has no name for it calls UNKNOWN. */
const causeNames: Readonly<Record<number, string>> = {
  1: 'UNALLOCATED_NUMBER',
  2: 'NO_ROUTE_TRANSIT_NET',
  3: 'NO_ROUTE_DESTINATION',
  6: 'CHANNEL_UNACCEPTABLE',
  7: 'CALL_AWARDED_DELIVERED',
  16: 'NORMAL_CLEARING',
  17: 'USER_BUSY',
  18: 'NO_USER_RESPONSE',
  19: 'NO_ANSWER',
  20: 'SUBSCRIBER_ABSENT',
  21: 'CALL_REJECTED',
  22: 'NUMBER_CHANGED',
  27: 'DESTINATION_OUT_OF_ORDER',
  28: 'INVALID_NUMBER_FORMAT',
  29: 'FACILITY_REJECTED',
  31: 'NORMAL_UNSPECIFIED',
  34: 'NORMAL_CIRCUIT_CONGESTION',
  38: 'NETWORK_OUT_OF_ORDER',
  41: 'NORMAL_TEMPORARY_FAILURE',
  42: 'SWITCH_CONGESTION',
  44: 'REQUESTED_CHAN_UNAVAIL',
  50: 'FACILITY_NOT_SUBSCRIBED',
  52: 'OUTGOING_CALL_BARRED',
  54: 'INCOMING_CALL_BARRED',
  63: 'SERVICE_UNAVAILABLE',
  88: 'INCOMPATIBLE_DESTINATION',
  102: 'RECOVERY_ON_TIMER_EXPIRE',
  111: 'PROTOCOL_ERROR',
  127: 'INTERWORKING',
};
