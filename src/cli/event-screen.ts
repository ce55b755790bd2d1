import pc from 'picocolors';
import type { EndpointEvent, PeerName, Progress } from '../endpoint/actions/events.js';
import { printable } from './table.js';

/** Shows what an action tells: sentences for people, or one JSON object a line for programs. */
export interface EventScreen {
  show(event: EndpointEvent): void;
}

/** `{"v":1,"event":...}` on standard output, a line each. */
export const jsonScreen: EventScreen = {
  show: (event) => void process.stdout.write(`${JSON.stringify({ v: 1, ...event })}\n`),
};

/**
 * Sentences on standard output; the progress line on standard error, and only at a terminal.
 * @param label stands before each line, where two endpoints share a screen
 */
export function personScreen(label = ''): EventScreen {
  let progressShown = false;
  const endProgress = () => {
    if (progressShown) process.stderr.write('\n');
    progressShown = false;
  };
  return {
    show(event) {
      if (event.event === 'progress') {
        if (!process.stderr.isTTY) return;
        progressShown = true;
        process.stderr.write(`\r\x1b[K${label}${progressText(event)}`);
        return;
      }
      endProgress();
      for (const line of sentences(event)) process.stdout.write(`${label}${line}\n`);
    },
  };
}

function sentences(event: Exclude<EndpointEvent, Progress>): string[] {
  switch (event.event) {
    case 'dialing':
      return [`Dialing ${event.number} for ${named(event.peer)} ...`];
    case 'ringing':
      return ['The telephone rings.'];
    case 'connected':
      return [event.rate === null ? 'Connected.' : `Connected at ${event.rate.toLocaleString('en')} bit/s.`];
    case 'check-string':
      return [
        `Check string:  ${pc.bold([...event.x].join(' '))}`,
        `Telephone ${named(event.peer)}, recognise the voice, and read the five characters out.`,
      ];
    case 'type-check-string':
      return [`${named(event.peer)} will telephone and read out five characters. Type them as heard.`];
    case 'paired':
      return [pc.green(`Paired with ${named(event.peer)}.`)];
    case 'sent':
      return [
        pc.green(`Sent ${count(event.files.length, 'file')} to ${named(event.peer)}.`),
        ...event.files.map(fileText),
      ];
    case 'received':
      return [
        pc.green(
          `Received ${count(event.files.length, 'file')} from ${named(event.peer)}, in ${event.folder}.`,
        ),
        ...event.files.map(fileText),
      ];
    case 'failed':
      return [
        pc.red(`Failed (${event.outcome}, at ${event.step}): ${printable(event.reason)}`),
        ...(event.advice ? [event.advice] : []),
      ];
  }
}

function progressText({ octets, total, rate, secondsLeft }: Progress): string {
  const speed = `${(rate / 1000).toFixed(1)} kB/s`;
  if (total === null) return `${kilobytes(octets)} received, ${speed}`;
  const share = total === 0 ? 1 : octets / total;
  const bar = '='.repeat(Math.floor(share * 24)).padEnd(24);
  const left = secondsLeft === null ? '' : `, ${duration(secondsLeft)} left`;
  return `[${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${kilobytes(octets)} of ${kilobytes(total)}, ${speed}${left}`;
}

const named = (peer: PeerName) => `${printable(peer.name)} (${peer.account})`;
const kilobytes = (octets: number) => `${(octets / 1000).toFixed(1)} kB`;
const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

function fileText(file: { readonly name: string; readonly size: number }): string {
  return `  ${printable(file.name)}  ${file.size.toLocaleString('en')} octets`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
