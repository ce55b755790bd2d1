import type { ExportedCall } from '../../store/exports.js';
import { type ExportFormat, noOctets, textOctets } from './format.js';
import { localTimes, stamp } from './local-times.js';
import { quoted } from './quoted.js';

/** Master.csv of cdr_csv, with `loguniqueid` and `loguserfield` (telephony.md 7.1). */
export const asterisk: ExportFormat = {
  description: 'Master.csv of Asterisk (cdr_csv), 18 columns, local times',
  takes: ['zone'],
  canReplace: false,
  form({ zone }) {
    const localTime = localTimes(zone);
    const time = (at: Date | undefined) => (at === undefined ? '' : quoted(stamp(localTime(at))));
    return {
      head: () => noOctets,
      record: (call) => textOctets(`${columns(call, time).join(',')}\n`),
      tail: () => noOctets,
    };
  },
};

function columns(call: ExportedCall, time: (at: Date | undefined) => string): string[] {
  const { ani = '', calledNumber = '', bridgeAt } = call;
  return [
    quoted(call.billTo ?? call.callerAccount ?? ''),
    quoted(ani),
    quoted(calledNumber),
    quoted('cordboard'),
    quoted(ani),
    quoted(call.port),
    quoted(call.calleePort ?? ''),
    quoted(calledNumber === '' ? '' : 'Dial'),
    quoted(calledNumber),
    time(call.ringAt),
    // Billing begins when the called party has answered, as it does there.
    time(bridgeAt),
    time(call.endAt),
    String(call.durationSeconds),
    String(call.billableSeconds),
    quoted(disposition(call)),
    quoted(bridgeAt === undefined ? 'DOCUMENTATION' : 'BILLING'),
    quoted(call.trackingId),
    quoted(call.calleeAccount ?? ''),
  ];
}

/** Q.850 34 and 42: no circuit, congestion. */
const congestion = [34, 42];

function disposition({ bridgeAt, outcome, releaseCause }: ExportedCall): string {
  if (bridgeAt !== undefined) return 'ANSWERED';
  if (outcome === 'busy') return 'BUSY';
  if (outcome === 'no-answer' || outcome === 'abandoned') return 'NO ANSWER';
  return congestion.includes(releaseCause) ? 'CONGESTION' : 'FAILED';
}
