import type { ActionEnd, EndpointEvent } from '../endpoint/actions/events.js';
import type { Endpoint } from '../endpoint/endpoint.js';
import type { Modem } from '../pstn/modem/modem.js';
import { openModem } from '../pstn/modem/open-modem.js';
import type { PairingScreen } from '../session/session.js';
import { realClock } from '../time/real-clock.js';
import { jsonScreen, personScreen } from './event-screen.js';
import { CommandFailed, exitCodeOf, exitCodes } from './exit-codes.js';
import { type HomeOptions, withEndpoint } from './open-endpoint.js';
import type { Prompt } from './prompt.js';
import { untilStopped } from './until-stopped.js';

export type LineOptions = HomeOptions & { readonly json?: true };

/** What `pair`, `listen` and `send` are given: the endpoint, its open modem, the person at the screen, and the way to stop. */
export interface OnTheLine {
  readonly endpoint: Endpoint;
  readonly action: {
    readonly modem: Modem;
    readonly signal: AbortSignal;
    readonly screen: PairingScreen;
    onEvent(event: EndpointEvent): void;
  };
}

/**
 * Opens endpoint and modem, runs the action, and turns its end into the exit code. Ctrl-C ends the call cleanly.
 * @param prepare what can be wrong without a modem, for example the peer's name
 */
export async function actOnLine<Prepared>(
  options: LineOptions,
  prepare: (endpoint: Endpoint) => Promise<Prepared>,
  act: (line: OnTheLine, prepared: Prepared) => Promise<ActionEnd | undefined>,
): Promise<void> {
  const stop = new AbortController();
  void untilStopped().then(() => stop.abort());
  await withEndpoint(
    options,
    async (endpoint, prompt) => {
      const prepared = await prepare(endpoint);
      const modem = await openEndpointModem(endpoint);
      try {
        const { show } = options.json ? jsonScreen : personScreen();
        const action = { modem, signal: stop.signal, screen: pairingScreen(prompt), onEvent: show };
        const end = await act({ endpoint, action }, prepared);
        process.exitCode = end?.event === 'failed' ? exitCodeOf(end.outcome) : exitCodes.done;
      } finally {
        await modem.close();
      }
    },
    options.json === true,
  );
}

async function openEndpointModem(endpoint: Endpoint): Promise<Modem> {
  try {
    return await openModem(endpoint.settings.line, { clock: realClock, log: endpoint.world.log });
  } catch (cause) {
    throw new CommandFailed('line-unavailable', (cause as Error).message, { cause });
  }
}

/** Figure 6A and 6B at a terminal, or with a program at standard input. */
function pairingScreen(prompt: Prompt): PairingScreen {
  return {
    confirmCheckString: (_peer, _checkString, signal) =>
      prompt.confirm('Did they confirm that it matches?', signal),
    typeCheckString: (_peer, signal) => prompt.ask('Check string: ', signal),
  };
}
