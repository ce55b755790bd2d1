/** One command of a command line (V.250 5.3 and 5.4). */
export type Command =
  /** `E0`, `&C1`, `\N3`; a missing number is 0. */
  | { readonly kind: 'basic'; readonly name: string; readonly value: number }
  /** `S7=50`, `S7?`, `S7`; without a number `?` and `=50` mean the register chosen last. */
  | { readonly kind: 'register-set'; readonly number: number | undefined; readonly value: number }
  | { readonly kind: 'register-read'; readonly number: number | undefined }
  | { readonly kind: 'register-select'; readonly number: number }
  /** `+VTS=1`, `+VTS?`, `+VTS=?`, `+VTS`. */
  | {
      readonly kind: 'extended';
      readonly name: string;
      readonly form: 'set' | 'read' | 'test' | 'action';
      readonly text: string;
    }
  /** `&Z1=5550100`. */
  | { readonly kind: 'store-number'; readonly slot: number; readonly dialString: string }
  /** `&Z1?`. */
  | { readonly kind: 'read-number'; readonly slot: number }
  | { readonly kind: 'dial'; readonly dialString: string }
  /** Cannot be understood; what stood before it is executed all the same. */
  | { readonly kind: 'malformed' };

/** `+CMGS=28` and its like. */
export type ExtendedCommand = Extract<Command, { kind: 'extended' }>;

type Rule = readonly [pattern: RegExp, command: (match: RegExpExecArray) => Command];

/** Tried in this order at each position. */
const rules: readonly Rule[] = [
  [/D(.*)/y, ([, text]) => ({ kind: 'dial', dialString: text ?? '' })],
  [
    /&Z(\d?)=(.*)/y,
    ([, slot, text]) => ({ kind: 'store-number', slot: Number(slot), dialString: text ?? '' }),
  ],
  [/&Z(\d?)\?/y, ([, slot]) => ({ kind: 'read-number', slot: Number(slot) })],
  [
    /(S\d{0,5})?=(\d{0,5})/y,
    ([, s, value]) => ({ kind: 'register-set', number: numbered(s), value: Number(value) }),
  ],
  [/(S\d{0,5})?\?/y, ([, s]) => ({ kind: 'register-read', number: numbered(s) })],
  [/S(\d{0,5})/y, ([, number]) => ({ kind: 'register-select', number: Number(number) })],
  [
    /([&\\%*]?[A-Z])(\d{0,5})/y,
    ([, name, value]) => ({ kind: 'basic', name: name ?? '', value: Number(value) }),
  ],
  [/([+#$-][A-Z][A-Z0-9!%./:_-]*)(?:(=\?)|(\?)|=((?:"[^"]*"|[^;"])*))?(?:;|$)/y, extended],
];

/** A is the only letter beside Z and D after which nothing is read. */
const lastOfLine = new Set(['A', 'Z']);

/**
 * The commands of a line's body (without `AT`). Never throws; the list ends at the first malformed command,
 * and at `D`, `A` and `Z`, which end the line.
 */
export function parseCommands(body: string): Command[] {
  const text = withoutSpaces(body);
  const commands: Command[] = [];
  let position = 0;
  while (position < text.length) {
    if (text[position] === ';') {
      position += 1;
      continue;
    }
    const next = commandAt(text, position);
    commands.push(next.command);
    if (endsLine(next.command)) break;
    position = next.end;
  }
  return commands;
}

function commandAt(text: string, position: number): { command: Command; end: number } {
  for (const [pattern, command] of rules) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match) return { command: command(match), end: pattern.lastIndex };
  }
  return { command: { kind: 'malformed' }, end: text.length };
}

function endsLine(command: Command): boolean {
  if (command.kind === 'basic') return lastOfLine.has(command.name);
  return command.kind === 'dial' || command.kind === 'store-number' || command.kind === 'malformed';
}

function extended([, name = '', test, read, text]: RegExpExecArray): Command {
  const form = test ? 'test' : read ? 'read' : text !== undefined ? 'set' : 'action';
  return { kind: 'extended', name, form, text: text ?? '' };
}

function numbered(register: string | undefined): number | undefined {
  return register === undefined ? undefined : Number(register.slice(1));
}

/** Spaces and the case of letters count inside quotes only (V.250 5.4.1). */
function withoutSpaces(body: string): string {
  return body
    .split('"')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll(' ', '').toUpperCase() : part))
    .join('"');
}
