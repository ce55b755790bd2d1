/**
 * Breaks a sentence between words into lines of at most `width` columns, each indented like the first.
 * A longer word keeps a line of its own.
 */
export function wrap(sentence: string, width: number): string[] {
  if (sentence.length <= width) return [sentence];
  const indent = /^ */.exec(sentence)?.[0] ?? '';
  const [first = '', ...words] = sentence.trim().split(' ');
  const lines: string[] = [];
  let line = indent + first;
  for (const word of words) {
    if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line];
}

/** Lines for a person, broken between words where `output` is a terminal; a program gets them as they are. */
export function wrapFor({ isTTY, columns }: { isTTY?: boolean; columns?: number }, text: string): string {
  if (!isTTY || !columns) return text;
  return text
    .split('\n')
    .flatMap((line) => wrap(line, columns))
    .join('\n');
}
