import { lstatSync, mkdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** The link by which programs find a pseudo-terminal, whose own name changes. */
export class DeviceLink {
  readonly path: string;
  #target: string | undefined;

  constructor(path: string) {
    this.path = resolve(path);
  }

  /**
   * Points the link at `target` without a moment in which there is none. A link that is there already, as an
   * office that was killed leaves it, is replaced; throws when something else has that name.
   */
  pointAt(target: string): void {
    mkdirSync(dirname(this.path), { recursive: true });
    if (lstatSync(this.path, { throwIfNoEntry: false })?.isSymbolicLink() === false) {
      throw new Error(`${this.path} is there already and is no link; give the line another path.`);
    }
    const temporary = `${this.path}.${process.pid}`;
    symlinkSync(target, temporary);
    renameSync(temporary, this.path);
    this.#target = target;
  }

  /** Removes the link, unless it has become another office's. */
  remove(): void {
    try {
      if (this.#target !== undefined && readlinkSync(this.path) === this.#target) unlinkSync(this.path);
    } catch {
      // Somebody removed it already.
    }
    this.#target = undefined;
  }
}
