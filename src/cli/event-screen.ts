import pc from 'picocolors';
import type {
  EndpointEvent,
  Failed,
  PeerName,
  Progress,
  Quoted,
  Version,
} from '../endpoint/actions/events.js';
import type { EndpointError } from '../endpoint/endpoint-error.js';
import type { ReceivedFile } from '../session/session.js';
import { counted } from './counted.js';
import type { CommandFailed } from './exit-codes.js';
import { progressLine } from './progress-line.js';
import { printable } from './table.js';
import { wrap } from './wrap.js';

/** Shows what an action tells: sentences for people, or one JSON object a line for programs. */
export interface EventScreen {
  show(event: EndpointEvent): void;
}

/** `{"v":1,"event":...}` on standard output, a line each. */
export const jsonScreen: EventScreen = {
  show: (event) => void process.stdout.write(`${JSON.stringify({ v: 1, ...event })}\n`),
};

/** For programs, what ended an action before it began: the same fields as every `failed`. */
export function showNotBegun({ outcome, message }: CommandFailed | EndpointError): void {
  const failed = { event: 'failed', outcome, step: null, reason: message, advice: null, peer: null };
  process.stdout.write(`${JSON.stringify({ v: 1, ...failed })}\n`);
}

/** A terminal, or what stands in its place: `columns` is unknown where lines may be of any length. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Sentences on `output`, broken between words; the progress line on `progress`, and only if that is a terminal.
 * @param label stands before each line, where two endpoints share a screen
 */
export function personScreen(
  label = '',
  output: Terminal = process.stdout,
  progress: Terminal = process.stderr,
): EventScreen {
  let progressShown = false;
  const endProgress = () => {
    if (progressShown) progress.write('\n');
    progressShown = false;
  };
  return {
    show(event) {
      if (event.event === 'progress') {
        if (!progress.isTTY) return;
        progressShown = true;
        // In the last column a terminal would begin a new line.
        const width = (progress.columns || 80) - 1;
        const room = width - label.length;
        const line = room < leastProgress ? progressLine(event, width) : label + progressLine(event, room);
        progress.write(`\r\x1b[K${line}`);
        return;
      }
      endProgress();
      for (const line of printed(event, label, output)) output.write(`${line}\n`);
    },
  };
}

/** `100 %, 12 s left`: with less room than that, the label gives way. */
const leastProgress = 16;

function printed(event: Exclude<EndpointEvent, Progress>, label: string, { isTTY, columns }: Terminal) {
  const room = isTTY && columns ? Math.max(columns - label.length, leastProgress) : Number.POSITIVE_INFINITY;
  return sentences(event).flatMap(({ text, paint = String }) =>
    wrap(text, room).map((line) => label + paint(line)),
  );
}

interface Sentence {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

function sentences(event: Exclude<EndpointEvent, Progress>): Sentence[] {
  switch (event.event) {
    case 'dialing':
      return [
        ...(event.resumed ? [{ text: 'This transfer was begun before; it goes on where it ended.' }] : []),
        { text: `Dialing ${event.number} for ${named(event.peer)} ...` },
      ];
    case 'redialing':
      return [
        {
          text: `Broken off: ${printable(event.reason)}. Dialing again in ${event.seconds} s; what is across stays there.`,
          paint: pc.yellow,
        },
      ];
    case 'listening':
      return [{ text: `Listening on ${event.line} for account ${event.account}. Ctrl-C ends it.` }];
    case 'ringing':
      return [{ text: 'The telephone rings.' }];
    case 'connected':
      return [
        {
          text: event.rate === null ? 'Connected.' : `Connected at ${event.rate.toLocaleString('en')} bit/s.`,
        },
      ];
    case 'check-string':
      return [
        { text: `Check string:  ${[...event.x].join(' ')}`, paint: pc.bold },
        { text: `Telephone ${named(event.peer)}, recognise the voice, and read the five characters out.` },
        { text: 'Say yes only when they say that their screen took them.' },
        { text: whichTelephone(event.version) },
      ];
    case 'type-check-string':
      return [
        { text: `${named(event.peer)} will telephone and read out five characters. Type them as heard.` },
        { text: whichTelephone(event.version) },
      ];
    case 'check-string-taken':
      return [{ text: `That is right. Tell ${named(event.peer)} that your screen took it.`, paint: pc.bold }];
    case 'second-string':
      return [
        { text: 'That is right. Tell them so; now the other way round.' },
        { text: `Second string:  ${[...event.x].join(' ')}`, paint: pc.bold },
        {
          text: `Read these five characters out to ${named(event.peer)}. Say yes only when they say that their screen took them.`,
        },
      ];
    case 'type-second-string':
      return [{ text: `Now ${named(event.peer)} reads out five other characters. Type them as heard.` }];
    case 'paired':
      return [{ text: `Paired with ${named(event.peer)}.`, paint: pc.green }];
    case 'sent':
      return [
        {
          text: `${event.receipt === null ? 'Sent' : 'Delivered'} ${counted(event.files.length, 'file')} to ${named(event.peer)}.`,
          paint: pc.green,
        },
        ...fileLines(event.files),
        ...(event.receipt === null ? [] : [{ text: `Receipt: ${event.receipt}` }]),
      ];
    case 'received':
      return [
        {
          text: `Received ${counted(event.files.length, 'file')} from ${named(event.peer)}, in ${event.folder}.`,
          paint: pc.green,
        },
        ...fileLines(event.files),
      ];
    case 'receipt-repeated':
      return [
        {
          text: `${named(event.peer)} had not heard that its last transfer was settled, and was told again. Nothing new came.`,
        },
      ];
    case 'warning':
      return [{ text: `Note: ${printable(event.reason)}`, paint: pc.yellow }];
    case 'quote':
      return quoteSentences(event);
    case 'failed':
      return [
        { text: `Failed${outcomeText(event.outcome)}: ${printable(event.reason)}`, paint: pc.red },
        ...(event.advice ? [{ text: event.advice }] : []),
      ];
  }
}

function quoteSentences({
  peer,
  octets,
  seconds,
  rate,
  price,
  currency,
  payer,
  longestSeconds,
}: Quoted): Sentence[] {
  const speed = rate === null ? 'if the line makes 28,800 bit/s' : `at ${rate.toLocaleString('en')} bit/s`;
  const whose = { caller: 'you pay', callee: `${named(peer)} pays`, 'third-party': 'a third party pays' };
  const paid = payer === null ? '' : `; ${whose[payer]}`;
  const limit =
    longestSeconds === null ? '' : ` Who pays has a limit: a call lasts ${longestSeconds} s at most.`;
  return [
    { text: `${octets.toLocaleString('en')} octets to ${named(peer)}: about ${seconds} s ${speed}.` },
    {
      text: `${price === null ? 'The server has no price for it' : `Price: ${price} ${currency}`}${paid}.${limit}`,
      paint: pc.bold,
    },
    { text: 'Nothing was sent.' },
  ];
}

/** Version 1 releases the line before people compare; version 2 keeps the call until both have answered. */
function whichTelephone(version: Version): string {
  return version === 1
    ? 'The line is free for the telephone.'
    : 'Use another telephone: this line is in use until both of you have answered.';
}

/** The name that `--help` lists with its exit code, in words; `usage` says less than the reason does. */
function outcomeText(outcome: Failed['outcome']): string {
  return outcome === 'usage' ? '' : ` (${outcome.replaceAll('-', ' ')})`;
}

const named = (peer: PeerName) => `${printable(peer.name)} (${peer.account})`;

/** Names to the left, sizes to the right, in columns of their own. */
function fileLines(files: readonly ReceivedFile[]): Sentence[] {
  const rows = files.map(({ name, size }) => [printable(name), size.toLocaleString('en')] as const);
  const nameWidth = Math.max(0, ...rows.map(([name]) => name.length));
  const sizeWidth = Math.max(0, ...rows.map(([, size]) => size.length));
  return rows.map(([name, size]) => ({
    text: `  ${name.padEnd(nameWidth)}  ${size.padStart(sizeWidth)} octets`,
  }));
}
