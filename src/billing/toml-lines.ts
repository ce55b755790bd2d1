/** Where the keys of a TOML text stand: its reader tells that of what is no TOML, and not of what is wrong with a value. */
export class TomlLines {
  readonly #lines = new Map<string, number>();

  constructor(text: string) {
    const tables = new Map<string, number>();
    let table: readonly (string | number)[] = [];
    for (const [index, line] of text.split('\n').entries()) {
      const [, array, single, key] = /^\s*(?:\[\[([^\]]+)\]\]|\[([^\]]+)\]|([\w.-]+)\s*=)/.exec(line) ?? [];
      if (array !== undefined || single !== undefined) {
        table = pathOf(keysOf(array ?? single ?? ''), tables, array !== undefined);
        this.#know(table, index + 1);
      } else if (key !== undefined) this.#know([...table, ...keysOf(key)], index + 1);
    }
  }

  /** `line 7`, of the key or else of what it should be in; `undefined` where that is the file. */
  of(path: readonly (string | number)[]): string | undefined {
    for (let length = path.length; length > 0; length--) {
      const line = this.#lines.get(path.slice(0, length).join('.'));
      if (line !== undefined) return `line ${line}`;
    }
    return undefined;
  }

  #know(path: readonly (string | number)[], line: number): void {
    const name = path.join('.');
    if (!this.#lines.has(name)) this.#lines.set(name, line);
  }
}

function keysOf(dotted: string): string[] {
  return dotted.split('.').map((key) => key.trim());
}

/** Of a heading: `[[rate.step]]` is of the last rate that was begun, and a further step of it. @param tables how many there are of each */
function pathOf(
  keys: readonly string[],
  tables: Map<string, number>,
  isArray: boolean,
): readonly (string | number)[] {
  const path: (string | number)[] = [];
  for (const [index, key] of keys.entries()) {
    path.push(key);
    const name = path.join('.');
    const count = tables.get(name);
    if (isArray && index === keys.length - 1) {
      tables.set(name, (count ?? 0) + 1);
      path.push(count ?? 0);
    } else if (count !== undefined) path.push(count - 1);
  }
  return path;
}
