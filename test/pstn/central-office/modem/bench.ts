import { profiles } from '../../../../src/pstn/central-office/modem/profiles/by-name.js';
import type { ProfileName } from '../../../../src/pstn/central-office/modem/profiles/profile.js';
import { SimulatedModem } from '../../../../src/pstn/central-office/modem/simulated-modem.js';
import { tones } from '../../../../src/pstn/signals.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { FakeLine } from './fake-line.js';
import { FakePort } from './fake-port.js';

/** A modem between a line and a program that the test plays; echo is off and DTR on. */
export function bench(make: ProfileName = 'generic') {
  const clock = new SimulatedClock();
  const line = new FakeLine(clock);
  const modem = new SimulatedModem({ line, clock, maxRate: 33_600, profile: profiles[make] });
  const port = new FakePort(modem);
  modem.plug(port);
  modem.dtr(true);
  port.type('ATE0\r');
  port.output();

  /** Types a line and gives the answer, line ends left out: `OK`, `013 OK`. */
  const command = (text: string): string => {
    port.type(`AT${text}\r`);
    return words(port.output());
  };
  /** Dials `number` on a line with dial tone, past its last digit. */
  const dial = (number = '5550100', modifiers = 'T') => {
    port.type(`ATD${modifiers}${number}\r`);
    clock.advance(300);
    line.hears(tones.dial);
    clock.advance(100);
    line.hears(tones.silence);
    clock.advance(number.length * 190 + 10);
  };
  /** Dials and trains; in data mode afterwards. */
  const connect = () => {
    dial();
    line.connectCarrier();
    const answer = words(port.output());
    if (!answer.startsWith('CONNECT ')) throw new Error(`not connected: ${answer}`);
    line.actions.length = 0;
    port.events.length = 0;
  };
  return { clock, line, modem, port, command, dial, connect };
}

export type Bench = ReturnType<typeof bench>;

export function words(output: string): string {
  return output
    .split(/[\r\n]+/)
    .filter(Boolean)
    .join(' ');
}
