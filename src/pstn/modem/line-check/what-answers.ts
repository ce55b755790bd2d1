/** What is at the other end of a port on which no modem was found. */
export type NoModem =
  | { readonly kind: 'silence' }
  /** What is sent comes back, and nothing else. */
  | { readonly kind: 'loopback' }
  /** A computer that waits for somebody to log in. */
  | { readonly kind: 'login' }
  /** Something talks without being asked, in words. */
  | { readonly kind: 'talker'; readonly sample: string }
  /** Octets that are no text: another speed, as a rule. */
  | { readonly kind: 'noise'; readonly octets: number };

const login = /(login|username|password)\s*:/i;
const longestSample = 60;

/**
 * Judges what came from a port while `sent` was sent to it. Pure.
 * @param sent the commands, in order, without their CR
 */
export function whatAnswers(heard: Buffer, sent: readonly string[]): NoModem {
  const text = heard.toString('latin1').replaceAll('\0', '');
  if (login.test(text)) return { kind: 'login' };
  // A loopback gives back each octet; +++ has no CR.
  let rest = text;
  for (const command of [...sent].sort((a, b) => b.length - a.length)) rest = rest.replaceAll(command, '');
  rest = rest.replace(/[+\s]+/g, '');
  if (rest === '') return text.trim() === '' ? { kind: 'silence' } : { kind: 'loopback' };
  const words = rest.replace(/[^\x20-\x7e]/g, '');
  if (words.length < 0.8 * rest.length || words.length < 4) return { kind: 'noise', octets: heard.length };
  return { kind: 'talker', sample: printable(text) };
}

function printable(text: string): string {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return (lines.at(-2) ?? lines.at(-1) ?? '').replace(/[^\x20-\x7e]/g, '').slice(0, longestSample);
}

export function sayNoModem(found: NoModem): string {
  switch (found.kind) {
    case 'silence':
      return 'nothing answers';
    case 'loopback':
      return 'what is sent comes back and nothing else';
    case 'login':
      return 'a computer asks for a login';
    case 'talker':
      return `something talks without being asked: "${found.sample}"`;
    case 'noise':
      return `${found.octets} octets came that are no text`;
  }
}

export function adviseNoModem(found: NoModem): string {
  switch (found.kind) {
    case 'silence':
      return 'Check that the modem is switched on, that the cable is a modem cable and sits, and that this is its port.';
    case 'loopback':
      return 'Take off the loopback plug, or look for two wires that touch; a modem would have said OK.';
    case 'login':
      return 'This port leads to a computer or a console, or a getty runs on its other end. Take another port, or end the getty.';
    case 'talker':
      return 'This is another device, such as a receiver or a console that logs. Take another port.';
    case 'noise':
      return 'Find out the speed of the device and write it into the URL (?baud=9600); if it is none of the usual ones, this is no modem.';
  }
}
