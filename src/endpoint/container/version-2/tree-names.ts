import { FolderNames } from '../safe-names.js';

/**
 * Octets of a path below the session's folder. Systems take 4,096 in all, Windows fewer: what would get longer lies in
 * the last folder that fits.
 */
const longestFolder = 1_024;

interface Folder {
  /** Below the session's folder, `` or with `/` at its end. */
  readonly path: string;
  readonly names: FolderNames;
  /** By their received names. */
  readonly folders: Map<string, Folder>;
}

/** What received paths become: version 1's rules for each part, a folder of its own for each received folder. */
export class TreeNames {
  readonly #root: Folder;
  readonly #newFolders: string[] = [];

  /** @param reserved names in the session's folder that are not given out */
  constructor(reserved: readonly string[]) {
    this.#root = { path: '', names: new FolderNames(reserved), folders: new Map() };
  }

  /** The path of a file below the session's folder; its folders are among those of `takeFolders`. */
  take(received: string): string {
    const parts = received.split('/');
    const name = parts.pop() ?? '';
    let folder = this.#root;
    for (const part of parts) folder = this.#enter(folder, part);
    return folder.path + folder.names.take(name);
  }

  /** Folders that names were given out in since the last call, each after the one that it is in. */
  takeFolders(): string[] {
    return this.#newFolders.splice(0);
  }

  #enter(parent: Folder, received: string): Folder {
    const known = parent.folders.get(received);
    if (known) return known;
    if (parent.path.length > longestFolder) return parent;
    const path = `${parent.path}${parent.names.take(received)}`;
    const folder: Folder = { path: `${path}/`, names: new FolderNames([]), folders: new Map() };
    parent.folders.set(received, folder);
    this.#newFolders.push(path);
    return folder;
  }
}
