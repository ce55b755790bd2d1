import { lstatSync, mkdirSync, readlinkSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Libc } from './libc.js';
import { PathClaim } from './path-claim.js';

/** The link by which programs find a pseudo-terminal, whose own name changes. */
export class DeviceLink {
  readonly path: string;
  readonly #claim: PathClaim;
  #target: string | undefined;

  /** Throws when a living process, this one included, has a link at `path`. */
  constructor(path: string, libc: Libc) {
    this.path = resolve(path);
    mkdirSync(dirname(this.path), { recursive: true });
    this.#claim = new PathClaim(this.path, libc);
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

  /** Removes the link, unless somebody has put another in its place, and leaves the path to whoever wants it. */
  remove(): void {
    if (this.#target !== undefined && this.#readTarget() === this.#target) unlinkSync(this.path);
    this.#claim.giveUp();
  }

  #readTarget(): string | undefined {
    try {
      return readlinkSync(this.path);
    } catch {
      return undefined; // Somebody removed it already.
    }
  }
}
