/** The values after `=`, quotes removed and `\22` and `\5C` resolved; undefined for one that was left out. */
export function argumentsOf(text: string): readonly (string | undefined)[] {
  return (text.match(/(?:"[^"]*"|[^",])+|(?<=^|,)(?=,|$)/g) ?? []).map((value) =>
    value === '' ? undefined : unquoted(value),
  );
}

/** A whole number; undefined when it is none. */
export function integer(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
}

export function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\5C').replaceAll('"', '\\22')}"`;
}

function unquoted(value: string): string {
  const inside = /^"(.*)"$/s.exec(value)?.[1];
  if (inside === undefined) return value;
  return inside.replaceAll(/\\(22|5C)/gi, (_, code: string) => (code === '22' ? '"' : '\\'));
}
