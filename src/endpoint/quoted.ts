/**
 * A name from outside, for a message or a log: in quotes, with control, format and bidirectional characters
 * made visible, so that it can neither move a cursor nor turn the text round (fault 100).
 */
export function quoted(text: string): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}"\\]/gu, (char) =>
    char === '"' || char === '\\' ? `\\${char}` : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return `"${visible}"`;
}
