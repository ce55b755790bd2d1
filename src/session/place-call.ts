import { createActor, toPromise } from 'xstate';
import type { AccountNumber } from '../bytes/account-number.js';
import type { Log } from '../log/log.js';
import { type CallerEvent, callerMachine } from '../protocol/call-manager/caller.js';
import { type CallerFailure, callerFailures } from '../protocol/call-manager/failures.js';
import type { DataConnection, Modem } from '../pstn/modem/modem.js';
import type { Clock } from '../time/clock.js';

export interface PlaceCallOptions {
  readonly modem: Modem;
  readonly clock: Clock;
  readonly log: Log;
  /** The server's directory number, digits only. */
  readonly serverNumber: string;
  /** CM-A1: the one number that this endpoint may dial; absent when it is not locked. */
  readonly lockedTo?: string;
  /** Both accounts go to the server as tones; without them the call is one of version 2, which names them later. */
  readonly own?: AccountNumber;
  readonly peer?: AccountNumber;
  /** The operator gave up: the line is released and the outcome is `cancelled`. */
  readonly signal?: AbortSignal;
  onEvent?(event: PlaceCallEvent): void;
}

export type PlaceCallEvent =
  | { readonly kind: 'dialing'; readonly number: string }
  | { readonly kind: 'connected'; readonly description: string; readonly rate: number | undefined };

/** `failed` carries the figure's step, a name for scripts, and a text that a person can act on. The line is on-hook then. */
export type PlaceCallResult =
  | { readonly kind: 'connected'; readonly connection: DataConnection }
  | ({ readonly kind: 'failed' } & CallerFailure);

/**
 * Figure 4 from the caller's side: dials the server, names both accounts and waits until the recipient's modem
 * answers. Bounded in time; whatever fails, the line is on-hook afterwards.
 */
export async function placeCall(options: PlaceCallOptions): Promise<PlaceCallResult> {
  if (options.signal?.aborted) return { kind: 'failed', ...callerFailures.cancelled };
  const { modem, clock, log } = options;
  const abort = new AbortController();
  let connection: DataConnection | undefined;

  const dial = async (number: string, carrierWaitSeconds: number) => {
    options.onEvent?.({ kind: 'dialing', number: options.serverNumber });
    const result = await modem.dial(number, { carrierWaitSeconds, signal: abort.signal });
    if (result.kind === 'answered') throw new Error('a data call was answered in voice mode');
    if (result.kind === 'connected') connection = result.connection;
    else log.info({ result: result.kind }, 'call not connected');
    actor.send({ type: `result.${result.kind}` });
  };
  const actor = createActor(
    callerMachine.provide({
      actions: {
        dial: (_, { number, carrierWaitSeconds }) => void dial(number, carrierWaitSeconds).catch(modemFailed),
        hangUp: () => {
          abort.abort();
          void modem.hangUp().then(() => actor.send({ type: 'line.onHook' }));
        },
        noteUnexpected: (_, { event }) => log.warn({ event }, 'event that the caller does not await'),
      },
    }),
    {
      clock,
      input: {
        serverNumber: options.serverNumber,
        lockedTo: options.lockedTo,
        own: options.own,
        peer: options.peer,
      },
    },
  );
  const modemFailed = (error: unknown) => {
    log.error({ error: String(error) }, 'the modem failed while dialling');
    actor.send({ type: 'line.lost' } satisfies CallerEvent);
  };
  const cancel = () => actor.send({ type: 'operator.cancelled' });
  options.signal?.addEventListener('abort', cancel, { once: true });
  modem.on('lost', modemFailed);
  try {
    const result = await toPromise(actor.start());
    if (result.kind === 'failed') return result;
    if (!connection) throw new Error('connected without a connection');
    options.onEvent?.({
      kind: 'connected',
      description: connection.description,
      rate: connection.rate,
    });
    return { kind: 'connected', connection };
  } finally {
    modem.off('lost', modemFailed);
    options.signal?.removeEventListener('abort', cancel);
  }
}
