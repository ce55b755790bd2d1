/**
 * As Asterisk and FreeSWITCH quote a string, for whose readers every string is text: quotes doubled, and on one line,
 * because many of those readers go line by line.
 */
export function quoted(text: string): string {
  return `"${text.replace(/\p{Cc}/gu, ' ').replaceAll('"', '""')}"`;
}
