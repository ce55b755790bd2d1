import type { ConnectResult, DataConnection, Modem } from '../../pstn/modem/modem.js';
import type { Endpoint } from '../endpoint.js';
import { EndpointError } from '../endpoint-error.js';
import { checkInbox, quarantineFor } from '../inbox.js';
import { reconcileInbox } from '../reconcile-inbox.js';
import { sweepWorkFolders } from '../work-folder.js';
import { conclude, failedOf } from './action.js';
import { type AnswerOptions, answerCall } from './answer-call.js';
import type { ActionEnd, Failed } from './events.js';

export interface ListenOptions extends AnswerOptions {
  /** Ends after one call, whatever came of it. */
  readonly once?: boolean;
}

/** S7 while answering: the two modems train through the bridge for some ten seconds each. */
const carrierWaitSeconds = 60;

/**
 * Answers calls, one after the other, until aborted. A call that fails ends itself alone; a line that is gone ends
 * the listening, and a key ring or an inbox that cannot be used ends it before the first call.
 * @returns the end of the last call, or why listening ended; `undefined` when aborted before any call
 */
export async function listen(endpoint: Endpoint, options: ListenOptions): Promise<ActionEnd | undefined> {
  const { modem } = options;
  try {
    const giveBack = endpoint.takeLine(modem);
    try {
      await endpoint.unlock();
      await checkInbox(endpoint.inbox);
      await sweepWorkFolders(await quarantineFor(endpoint.inbox, endpoint.paths.quarantine));
      await reconcileInbox(endpoint);
      return await answerCalls(endpoint, options);
    } finally {
      await modem.hangUp();
      giveBack();
    }
  } catch (error) {
    const end = failedOf(error, 'DX-625', null);
    options.onEvent(end);
    return end;
  }
}

async function answerCalls(endpoint: Endpoint, options: ListenOptions): Promise<ActionEnd | undefined> {
  const { modem, signal, onEvent } = options;
  for (let last: ActionEnd | undefined; ; ) {
    if ((await nextRing(modem, signal)) === 'aborted') return last;
    onEvent({ event: 'ringing' });
    const answer = await modem.answerData({ carrierWaitSeconds, ...(signal ? { signal } : {}) });
    if (answer.kind !== 'connected') last = await notConnected(endpoint, answer, options);
    else last = await converse(endpoint, answer.connection, options);
    if (options.once) return last;
  }
}

async function converse(
  endpoint: Endpoint,
  connection: DataConnection,
  options: ListenOptions,
): Promise<ActionEnd> {
  const { description, rate } = connection;
  options.onEvent({ event: 'connected', description, rate: rate ?? null });
  try {
    return await answerCall(endpoint, connection, options);
  } finally {
    await options.modem.hangUp();
  }
}

/** Resolves at the first RING. @throws EndpointError when the modem is gone */
function nextRing(modem: Modem, signal: AbortSignal | undefined): Promise<'ring' | 'aborted'> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      modem.off('ring', ring).off('lost', lost);
      signal?.removeEventListener('abort', abort);
      act();
    };
    const ring = () => settle(() => resolve('ring'));
    const abort = () => settle(() => resolve('aborted'));
    const lost = (cause: Error) =>
      settle(() =>
        reject(
          new EndpointError(
            'line-unavailable',
            `The modem on ${modem.url} is gone. Connect it again, then listen again.`,
            {
              cause,
            },
          ),
        ),
      );
    modem.on('ring', ring).on('lost', lost);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
  });
}

async function notConnected(
  endpoint: Endpoint,
  answer: Exclude<ConnectResult, { kind: 'connected' }>,
  options: ListenOptions,
): Promise<ActionEnd> {
  await options.modem.hangUp();
  const end: Failed = options.signal?.aborted
    ? failure('cancelled', 'Given up while the call was answered.', null)
    : answer.kind === 'silent' || answer.kind === 'refused-by-modem'
      ? failure(
          'line-unavailable',
          `The modem did not answer the call (${answer.kind}).`,
          'Switch the modem off and on if it happens again.',
        )
      : failure('no-carrier', 'The call ended before the modems agreed.', 'The caller may try again.');
  const course = { protocol: 'none', connectedMs: undefined, octets: undefined } as const;
  return conclude(endpoint, endpoint.receiveLog, end, course, options);
}

function failure(outcome: Failed['outcome'], reason: string, advice: string | null): Failed {
  return { event: 'failed', outcome, step: 'DX-625', reason, advice, peer: null };
}
