/**
 * RFC 4180. A cell that a spreadsheet would run as a formula gets an apostrophe before it, and one that it might split is quoted (OWASP, CSV
 * Injection); a mere number stays what it is, whatever its sign.
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const signedNumber = /^[+-]\d+(\.\d+)?$/;

function csvCell(text: string): string {
  const safe = formula.test(text) && !signedNumber.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
