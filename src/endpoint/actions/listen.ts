import type { ConnectResult, Modem } from '../../pstn/modem/modem.js';
import type { Endpoint } from '../endpoint.js';
import { checkInbox, quarantineFor } from '../inbox.js';
import { reconcileInbox } from '../reconcile-inbox.js';
import { sweepWorkFolders } from '../work-folder.js';
import { type AnswerOptions, conclude, failedOf } from './action.js';
import { answerCall } from './answer-call.js';
import type { ActionEnd, Failed } from './events.js';
import { type Line, withLine } from './line.js';
import { incomingStore } from './version-2/answer-call.js';

export interface ListenOptions extends AnswerOptions {
  /** Ends after one call, whatever came of it. */
  readonly once?: boolean;
}

/** S7 while answering: the two modems train through the bridge for some ten seconds each. */
const carrierWaitSeconds = 60;

/**
 * Answers calls, one after the other, until aborted. A call that fails ends itself alone; a modem that is gone is waited
 * for, where it is this action's to open, and else ends the listening. A line that cannot be opened at first, a key ring
 * or an inbox that cannot be used ends it before the first call.
 * @returns the end of the last call, or why listening ended; `undefined` when aborted before any call
 */
export async function listen(endpoint: Endpoint, options: ListenOptions): Promise<ActionEnd | undefined> {
  try {
    return await withLine(endpoint, options.modem, async (line) => {
      await endpoint.unlock();
      await checkInbox(endpoint.inbox);
      await sweepWorkFolders(await quarantineFor(endpoint.inbox, endpoint.paths.quarantine));
      await reconcileInbox(endpoint);
      await (await incomingStore(endpoint)).sweep();
      return await answerCalls(endpoint, line, options);
    });
  } catch (error) {
    const end = failedOf(error, 'DX-625', null);
    options.onEvent(end);
    return end;
  }
}

async function answerCalls(
  endpoint: Endpoint,
  line: Line,
  options: ListenOptions,
): Promise<ActionEnd | undefined> {
  let modem = await line.open();
  tellListening(endpoint, modem, options);
  for (let last: ActionEnd | undefined; ; ) {
    const next = await nextRing(modem, line, options.signal);
    if (next === 'aborted') return last;
    if (next === 'ring') {
      last = await answerRing(endpoint, modem, options);
      // A call that came to its end is one, even if the modem went right behind it.
      if (options.once && !(last.event === 'failed' && line.gone.aborted)) return last;
      continue;
    }
    const reason = `The modem on ${modem.url} is gone: its cable, adapter or socket was closed. Connect it again: it is waited for.`;
    options.onEvent({ event: 'warning', reason, peer: null });
    const again = await line.reopen(endpoint.world.clock, options.signal);
    if (!again) return last;
    modem = again;
    tellListening(endpoint, modem, options);
  }
}

function tellListening({ settings }: Endpoint, { url }: Modem, { onEvent }: ListenOptions): void {
  onEvent({ event: 'listening', line: url, account: settings.account });
}

async function answerRing(endpoint: Endpoint, modem: Modem, options: ListenOptions): Promise<ActionEnd> {
  const { signal, onEvent } = options;
  onEvent({ event: 'ringing' });
  const answer = await modem.answerData({ carrierWaitSeconds, ...(signal ? { signal } : {}) });
  try {
    if (answer.kind !== 'connected') return await notConnected(endpoint, answer, options);
    const { description, rate } = answer.connection;
    onEvent({ event: 'connected', description, rate: rate ?? null });
    return await answerCall(endpoint, answer.connection, { ...options, onEvent: withRings(modem, onEvent) });
  } finally {
    await modem.hangUp();
  }
}

/**
 * Tells the rings behind the question for X too, where the line is free again: they may be the other person's voice, so
 * the modem leaves them to the telephone.
 */
function withRings(modem: Modem, onEvent: ListenOptions['onEvent']): ListenOptions['onEvent'] {
  const ring = (count: number) => {
    if (count === 1) onEvent({ event: 'ringing' });
  };
  return (event) => {
    modem.off('ring', ring);
    if (event.event === 'type-check-string') modem.on('ring', ring);
    onEvent(event);
  };
}

/** Resolves at the first RING, or at the loss of a modem that may come back. @throws the loss of one that may not */
function nextRing(
  modem: Modem,
  { gone, canReopen }: Line,
  signal: AbortSignal | undefined,
): Promise<'ring' | 'aborted' | 'lost'> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      modem.off('ring', ring);
      signal?.removeEventListener('abort', abort);
      gone.removeEventListener('abort', lost);
      act();
    };
    const ring = () => settle(() => resolve('ring'));
    const abort = () => settle(() => resolve('aborted'));
    const lost = () => settle(() => (canReopen ? resolve('lost') : reject(gone.reason)));
    modem.on('ring', ring);
    signal?.addEventListener('abort', abort, { once: true });
    gone.addEventListener('abort', lost, { once: true });
    if (gone.aborted) lost();
    else if (signal?.aborted) abort();
  });
}

async function notConnected(
  endpoint: Endpoint,
  answer: Exclude<ConnectResult, { kind: 'connected' }>,
  options: ListenOptions,
): Promise<ActionEnd> {
  const end: Failed = options.signal?.aborted
    ? failure('cancelled', 'Given up while the call was answered.', null)
    : answer.kind === 'silent' || answer.kind === 'refused-by-modem'
      ? failure(
          'line-unavailable',
          `The modem did not answer the call (${answer.kind}).`,
          'Switch the modem off and on if it happens again.',
        )
      : failure('no-carrier', 'The call ended before the modems agreed.', 'The caller may try again.');
  const course = { protocol: 'none', version: null, connectedMs: undefined, octets: undefined } as const;
  return conclude(endpoint, endpoint.receiveLog, end, course, options);
}

function failure(outcome: Failed['outcome'], reason: string, advice: string | null): Failed {
  return { event: 'failed', outcome, step: 'DX-625', reason, advice, peer: null };
}
