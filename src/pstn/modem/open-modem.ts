import type { BindingInterface } from '@serialport/bindings-interface';
import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import { AtModem } from './at-modem.js';
import { ModemUnavailable } from './configure.js';
import { type LineUrl, parseLineUrl } from './line-url.js';
import type { Modem } from './modem.js';
import { type OpenLineOptions, openLine } from './open-line.js';

export interface OpenModemOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The simulated telephone network of this process, for `sim:` lines. */
  readonly simBinding?: BindingInterface;
  /** The operator's own commands, run after the driver's, with or without `AT`. */
  readonly initialise?: readonly string[];
}

/**
 * Opens the line, finds the modem on it, resets and configures it.
 * Rejects with `ModemUnavailable`, whose message is for the operator; the port is then closed.
 */
export async function openModem(url: string, options: OpenModemOptions): Promise<Modem> {
  const { clock, log, initialise = [] } = options;
  const { line, timing } = await openModemLine(url, options);
  const modem = new AtModem({ url, line, timing, clock, log, initialise });
  try {
    await modem.start();
    return modem;
  } catch (error) {
    await line.close();
    throw error;
  }
}

/** The line that `url` names, opened. Rejects with `ModemUnavailable`, whose message is for the operator. */
export async function openModemLine(
  url: string,
  { clock, log, simBinding }: OpenLineOptions,
): ReturnType<typeof openLine> {
  const parsed = parseLineUrl(url);
  if (parsed.kind === 'invalid') throw new ModemUnavailable(parsed.problem);
  return openLine(parsed, { clock, log, simBinding }).catch((cause: unknown) => {
    throw new ModemUnavailable(
      `The line ${url} cannot be opened: ${reasonOf(cause)}. ${adviceFor[parsed.kind]}`,
      { cause },
    );
  });
}

/** The bindings put `Error: ` before the system's words. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/^Error: |\.$/g, '') : String(cause);
}

const adviceFor: Readonly<Record<LineUrl['kind'], string>> = {
  serial: 'Check the name of the port, the cable, and that no other program has it open.',
  sim: 'sim: lines are inside the server; an endpoint needs serial:, pty:, tcp: or rfc2217:.',
  pty: 'Check the path, that `cordboard up` or `cordboard office` is running there, and that no other program has it open.',
  tcp: 'Check host and port, and that the other side is running.',
  rfc2217:
    'Check host and port, that the port server is running, and that no other program has this port of it.',
};
