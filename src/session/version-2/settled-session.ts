import type { Transport } from '../../crypto/noise/handshake-state.js';
import {
  type ChannelRecord,
  type EpochKey,
  hearWithin,
  sayWithin,
} from '../../protocol/data-exchange/version-2/handshake.js';
import type { ChannelReport } from '../../protocol/key-exchange/version-2/events.js';
import type { Clock } from '../../time/clock.js';
import { type CallChannel, type ChannelEvent, heardThrough } from './bridged-call.js';
import { MessageLine } from './message-line.js';
import type { MessageCarrier } from './refresh-key.js';

/** A Data Exchange behind RECEIPT_ACK, as what follows in it is given it. */
export interface SettledSession {
  /** That both sides have opened it with. */
  readonly key: EpochKey;
  /** Under the transport keys of the handshake. `carrier.lost` also when the operator gives up. */
  readonly carrier: MessageCarrier;
}

/** Takes the channel over from the machine of the transfer. */
export function settledSession(
  channel: CallChannel,
  { key, transport }: { readonly key: EpochKey; readonly transport: Transport },
  clock: Clock,
  signal: AbortSignal | undefined,
): SettledSession {
  const line = new MessageLine(channelWithin(channel, transport), clock);
  const receive = () => orGivenUp(line.next(), signal);
  return { key, carrier: { send: (message) => line.send(message), receive } };
}

function channelWithin(channel: CallChannel, transport: Transport): CallChannel {
  let state = transport;
  const opened = (event: ChannelEvent): ChannelEvent => {
    if (event.type !== 'record') return event;
    const reading = hearWithin(state, event);
    if (reading.kind === 'malformed') return { type: 'broken', reason: reading.fault };
    state = { ...state, receive: reading.state.receive };
    return { type: 'record', ...reading.message };
  };
  const within = heardThrough(channel, (listener) => channel.listen((event) => listener(opened(event))));
  within.sendRecord = (recordType, body) => {
    const said = sayWithin(state, { recordType, body } satisfies ChannelRecord);
    state = { ...state, send: said.state.send };
    channel.sendRecord(recordType, said.record.body);
  };
  return within;
}

function orGivenUp(report: Promise<ChannelReport>, signal: AbortSignal | undefined): Promise<ChannelReport> {
  return new Promise((resolve) => {
    const giveUp = () => resolve({ type: 'carrier.lost' });
    signal?.addEventListener('abort', giveUp, { once: true });
    if (signal?.aborted) giveUp();
    void report.then((value) => {
      signal?.removeEventListener('abort', giveUp);
      resolve(value);
    });
  });
}
