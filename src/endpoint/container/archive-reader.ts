import {
  blockOctets,
  paddingOctets,
  parseHeader,
  type UstarBlock,
  type UstarEntry,
} from '../../protocol/data-exchange/ustar.js';
import { ContentRefused } from '../../session/session.js';
import type { ContainerLimits } from './limits.js';

/** Where the files of an archive go; one is open at a time. */
export interface UnpackTarget {
  beginFile(entry: UstarEntry): Promise<void>;
  writeFile(octets: Uint8Array): Promise<void>;
  endFile(): Promise<void>;
}

/** How one version's headers are read. */
export interface ArchiveHeaders {
  /** What a block stands for, which is not of another entry's content. */
  read(block: Uint8Array): ArchiveHeader;
  /** The octets of an extension, before the header that it belongs to. @returns the fault, where there is one */
  extend(octets: Uint8Array): string | undefined;
}

export type ArchiveHeader =
  | UstarBlock
  | { readonly kind: 'extension'; readonly size: number }
  /** Its content is what is left of the archive; neither padding nor end blocks follow. */
  | { readonly kind: 'live file'; readonly entry: UstarEntry };

const versionOneHeaders: ArchiveHeaders = {
  read: parseHeader,
  extend: () => 'an extension',
};

/** What the next octets are. */
type Expected =
  | { readonly kind: 'header' }
  | { readonly kind: 'extension'; readonly octets: Uint8Array; fill: number }
  | { readonly kind: 'live content' }
  | { readonly kind: 'content'; left: number; readonly padding: number }
  | { readonly kind: 'padding'; left: number }
  /** After the first of the two zero blocks. */
  | { readonly kind: 'second end block' }
  | { readonly kind: 'nothing' };

/** A ustar archive that arrives in pieces of any size. */
export class ArchiveReader {
  readonly #target: UnpackTarget;
  readonly #limits: ContainerLimits;
  readonly #headers: ArchiveHeaders;
  readonly #block = new Uint8Array(blockOctets);
  #blockFill = 0;
  #expected: Expected = { kind: 'header' };
  #entries = 0;
  #contentOctets = 0;

  constructor(target: UnpackTarget, limits: ContainerLimits, headers: ArchiveHeaders = versionOneHeaders) {
    this.#target = target;
    this.#limits = limits;
    this.#headers = headers;
  }

  /** @throws ContentRefused */
  async take(octets: Uint8Array): Promise<void> {
    for (let rest = octets; rest.length > 0; ) {
      const used = await this.#takeSome(rest);
      rest = rest.subarray(used);
    }
  }

  /** @throws ContentRefused when the archive has not ended */
  async finish(): Promise<void> {
    if (this.#expected.kind === 'live content') {
      await this.#target.endFile();
      this.#expected = { kind: 'nothing' };
    }
    if (this.#expected.kind !== 'nothing') throw new ContentRefused('an archive that ends early');
  }

  async #takeSome(octets: Uint8Array): Promise<number> {
    const expected = this.#expected;
    switch (expected.kind) {
      case 'header':
      case 'second end block':
        return this.#takeBlock(octets, expected.kind);
      case 'content': {
        const piece = octets.subarray(0, expected.left);
        await this.#target.writeFile(piece);
        expected.left -= piece.length;
        if (expected.left === 0) await this.#endFile(expected.padding);
        return piece.length;
      }
      case 'padding': {
        const used = Math.min(octets.length, expected.left);
        expected.left -= used;
        if (expected.left === 0) this.#expected = { kind: 'header' };
        return used;
      }
      case 'extension': {
        const piece = octets.subarray(0, expected.octets.length - expected.fill);
        expected.octets.set(piece, expected.fill);
        expected.fill += piece.length;
        if (expected.fill === expected.octets.length) this.#endExtension(expected.octets);
        return piece.length;
      }
      case 'live content':
        this.#countContent(octets.length);
        await this.#target.writeFile(octets);
        return octets.length;
      case 'nothing':
        throw new ContentRefused('octets after the end of the archive');
    }
  }

  async #takeBlock(octets: Uint8Array, awaited: 'header' | 'second end block'): Promise<number> {
    const piece = octets.subarray(0, blockOctets - this.#blockFill);
    this.#block.set(piece, this.#blockFill);
    this.#blockFill += piece.length;
    if (this.#blockFill < blockOctets) return piece.length;
    this.#blockFill = 0;
    const block = this.#headers.read(this.#block);
    if (awaited === 'second end block') {
      if (block.kind !== 'end') throw new ContentRefused('an archive with one end block instead of two');
      this.#expected = { kind: 'nothing' };
    } else if (block.kind === 'end') this.#expected = { kind: 'second end block' };
    else if (block.kind === 'malformed') {
      throw new ContentRefused(`entry ${this.#entries + 1} of the archive: ${block.reason}`);
    } else if (block.kind === 'extension') {
      this.#expected = { kind: 'extension', octets: new Uint8Array(block.size), fill: 0 };
    } else await this.#beginFile(block.entry, block.kind === 'live file');
    return piece.length;
  }

  #endExtension(octets: Uint8Array): void {
    const fault = this.#headers.extend(octets);
    if (fault) throw new ContentRefused(`entry ${this.#entries + 1} of the archive: ${fault}`);
    const padding = paddingOctets(octets.length);
    this.#expected = padding > 0 ? { kind: 'padding', left: padding } : { kind: 'header' };
  }

  #countContent(octets: number): void {
    this.#contentOctets += octets;
    if (this.#contentOctets > this.#limits.contentOctets) {
      throw new ContentRefused(`files of more than ${this.#limits.contentOctets} octets in all`);
    }
  }

  async #beginFile(entry: UstarEntry, isLive: boolean): Promise<void> {
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) {
      throw new ContentRefused(`more than ${this.#limits.entries} files`);
    }
    this.#countContent(entry.size);
    await this.#target.beginFile(entry);
    if (isLive) {
      this.#expected = { kind: 'live content' };
      return;
    }
    const padding = paddingOctets(entry.size);
    if (entry.size > 0) this.#expected = { kind: 'content', left: entry.size, padding };
    else await this.#endFile(padding);
  }

  async #endFile(padding: number): Promise<void> {
    await this.#target.endFile();
    this.#expected = padding > 0 ? { kind: 'padding', left: padding } : { kind: 'header' };
  }
}
