import type { ActionEnd, EndpointEvent, Quoted } from '../endpoint/actions/events.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import { EndpointError } from '../endpoint/endpoint-error.js';
import type { Modem } from '../pstn/modem/modem.js';
import { openModem } from '../pstn/modem/open-modem.js';
import type { PairingScreen } from '../session/session.js';
import { realClock } from '../time/real-clock.js';
import { whenOutputCloses } from './closed-output.js';
import { jsonScreen, personScreen, showNotBegun } from './event-screen.js';
import { CommandFailed, exitCodeOf, exitCodes } from './exit-codes.js';
import { type HomeOptions, withEndpoint } from './open-endpoint.js';
import { pairingScreen } from './pairing-screen.js';
import type { Prompt } from './prompt.js';
import { untilStopped } from './until-stopped.js';

export type LineOptions = HomeOptions & { readonly json?: true };

/** What `pair`, `listen` and `send` are given: the endpoint, its modem, the person at the screen, and the way to stop. */
export interface OnTheLine {
  readonly endpoint: Endpoint;
  readonly action: {
    modem(): Promise<Modem>;
    readonly signal: AbortSignal;
    readonly screen: PairingScreen;
    onEvent(event: EndpointEvent): void;
  };
}

/**
 * Opens the endpoint, runs the action, and turns its end into the exit code. Ctrl-C ends the call cleanly.
 * @param prepare what can be wrong before the line is taken, for example the peer's name
 */
export async function actOnLine<Prepared>(
  options: LineOptions,
  prepare: (endpoint: Endpoint) => Promise<Prepared>,
  act: (line: OnTheLine, prepared: Prepared) => Promise<ActionEnd | Quoted | undefined>,
): Promise<void> {
  const stop = new AbortController();
  let isOnLine = false;
  void untilStopped().then(() => {
    if (!options.json && isOnLine) process.stderr.write('\nGiving up; releasing the line ...\n');
    stop.abort();
  });
  // Nobody would hear how the call ends: it ends here, and what is across stays there.
  whenOutputCloses(() => stop.abort());
  const work = async (endpoint: Endpoint, prompt: Prompt) => {
    const prepared = await prepare(endpoint);
    const { show } = options.json ? jsonScreen : personScreen();
    const modem = () => {
      isOnLine = true;
      return openEndpointModem(endpoint);
    };
    const action = { modem, signal: stop.signal, screen: pairingScreen(prompt), onEvent: show };
    const end = await act({ endpoint, action }, prepared);
    process.exitCode = end?.event === 'failed' ? exitCodeOf(end.outcome) : exitCodes.done;
  };
  try {
    await withEndpoint(options, work, options.json === true);
  } catch (cause) {
    if (!options.json || !(cause instanceof CommandFailed || cause instanceof EndpointError)) throw cause;
    showNotBegun(cause);
    process.exitCode = exitCodeOf(cause.outcome);
  }
}

async function openEndpointModem({ settings, world }: Endpoint): Promise<Modem> {
  try {
    return await openModem(settings.line, { clock: realClock, log: world.log });
  } catch (cause) {
    throw new EndpointError('line-unavailable', (cause as Error).message, { cause });
  }
}
