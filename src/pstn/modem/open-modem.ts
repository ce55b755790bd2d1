import type { BindingInterface } from '@serialport/bindings-interface';
import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import { AtModem } from './at-modem.js';
import { ModemUnavailable } from './configure.js';
import { parseLineUrl } from './line-url.js';
import type { Modem } from './modem.js';
import { openLine } from './open-line.js';

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
  const { clock, log, simBinding, initialise = [] } = options;
  const parsed = parseLineUrl(url);
  if (parsed.kind === 'invalid') throw new ModemUnavailable(parsed.problem);
  const { line, timing } = await openLine(parsed, clock, simBinding).catch((cause: unknown) => {
    throw new ModemUnavailable(`The line ${url} cannot be opened: ${reasonOf(cause)}.`, { cause });
  });
  const modem = new AtModem({ url, line, timing, clock, log });
  try {
    await modem.start(initialise);
    return modem;
  } catch (error) {
    await line.close();
    throw error;
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
}
