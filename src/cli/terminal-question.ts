import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** A person's keyboard and screen, and what Ctrl-C does to the program. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { setRawMode?(isRaw: boolean): unknown };
  readonly output: NodeJS.WritableStream;
  interrupt(): void;
}

export interface QuestionOptions {
  /** What is typed is not shown. */
  readonly hidden?: boolean;
  /** Aborted when the answer is not awaited any more. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One question to a person. The terminal is in raw mode only until this resolves: between questions Ctrl-C and
 * Ctrl-D are the system's.
 * @returns the line without its end; `undefined` after Ctrl-C, Ctrl-D or the abort
 */
export async function askAtTerminal(
  terminal: Terminal,
  question: string,
  { hidden = false, signal }: QuestionOptions = {},
): Promise<string | undefined> {
  if (signal?.aborted) return undefined;
  await discardTypedAhead(terminal);
  let isShown = true;
  const echo = new Writable({
    write(chunk, _, done) {
      if (isShown) terminal.output.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: terminal.input, output: echo, terminal: true, historySize: 0 });
  lines.setPrompt(question);
  lines.prompt();
  isShown = !hidden;
  const withdraw = () => lines.close();
  signal?.addEventListener('abort', withdraw, { once: true });
  const ending = await new Promise<{ line?: string; isInterrupt?: true }>((resolve) => {
    lines.on('line', (line) => resolve({ line }));
    lines.on('SIGINT', () => resolve({ isInterrupt: true }));
    lines.on('close', () => resolve({}));
    if (signal?.aborted) withdraw();
  });
  signal?.removeEventListener('abort', withdraw);
  lines.close();
  // Without an echoed Enter the cursor is still behind the question.
  if (hidden || ending.line === undefined) terminal.output.write('\n');
  if (ending.isInterrupt) terminal.interrupt();
  return ending.line;
}

/** What was typed before the question is no answer to it. */
async function discardTypedAhead({ input }: Terminal): Promise<void> {
  input.setRawMode?.(true);
  input.resume();
  // The second comes after a whole turn of the event loop, in which what is waiting has been read.
  await new Promise(setImmediate);
  await new Promise(setImmediate);
}
