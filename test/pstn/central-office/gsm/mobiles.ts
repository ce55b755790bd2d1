import { once } from 'node:events';
import { SerialPortStream } from '@serialport/stream';
import type { OfficeOptions } from '../../../../src/pstn/central-office/options.js';
import { simBinding } from '../../../../src/pstn/central-office/ports/sim-port.js';
import { simulatedOffice } from '../../../support/office.js';

export const alice = '15555550101';
export const bob = '15555550102';

/** Two mobiles of one office (and `others`), with a program on each of the two that types commands. Echo is off. */
export async function twoMobiles(
  options: Partial<OfficeOptions> & { readonly pin?: string; readonly others?: readonly string[] } = {},
) {
  const { pin, others = [], ...rest } = options;
  const lines = [
    { number: alice, modem: 'gsm' as const, ...(pin !== undefined && { pin }) },
    ...[bob, ...others].map((number) => ({ number, modem: 'gsm' as const })),
  ];
  const world = simulatedOffice({ lines, ...rest });
  const a = await terminal(world, alice);
  const b = await terminal(world, bob);
  return { ...world, a, b, atAlice: world.office.mobile(alice), atBob: world.office.mobile(bob), world };
}

export type Terminal = Awaited<ReturnType<typeof terminal>>;

export async function terminal(world: ReturnType<typeof simulatedOffice>, path: string) {
  const stream = new SerialPortStream({ binding: simBinding(world.office), path, baudRate: 115_200 });
  await once(stream, 'open');
  let heard = '';
  stream.on('data', (octets: Buffer) => {
    heard += octets.toString('latin1');
  });
  const write = (text: string) => stream.write(Buffer.from(text, 'latin1'));
  const isFinal = () => /(^|\n)(OK|ERROR|\+CM[ES] ERROR: [^\r]*|NO CARRIER)\r\n$/.test(heard);
  const taken = () => {
    const text = heard;
    heard = '';
    return text;
  };
  /** Types a line, and gives what it is answered with, line ends as `|`. */
  const command = async (text: string) => {
    taken();
    write(`AT${text}\r`);
    await world.runUntil(isFinal);
    return lines(taken());
  };
  /** A command that prompts, and what is typed at the prompt. */
  const entry = async (text: string, body: string, end = '\x1a') => {
    taken();
    write(`AT${text}\r`);
    await world.runUntil(() => heard.includes('> '));
    write(`${body}${end}`);
    await world.runUntil(isFinal);
    return lines(taken());
  };
  /** Waits until the modem has said `text` unasked, and gives all that it said. */
  const hears = async (text: string, limitMs?: number) => {
    await world.runUntil(() => heard.includes(text) && heard.endsWith('\n'), limitMs);
    return lines(taken());
  };
  await command('E0');
  return { stream, write, command, entry, hears, taken, said: () => heard };
}

function lines(text: string): string {
  return text
    .split('\r\n')
    .filter((line) => line !== '')
    .join('|');
}
