import type { DtmfSymbol } from '../signals.js';

/** What a shielded event of voice mode means to this driver. */
export type VoiceEvent =
  | { readonly kind: 'digit'; readonly symbol: DtmfSymbol }
  | { readonly kind: 'far-end-gone' };

/** Loop break, busy, reorder, dial tone, and "presumed hang-up" (telephony text 2.2). */
const goneCodes = 'lbKdis';

/**
 * Reads `<DLE>` codes. A modem reports a key once, or as a burst: `/`, the symbol every 70 ms while the key is held,
 * `~`; a burst counts as one symbol.
 */
export class VoiceEvents {
  #inBurst = false;
  #burstSymbol: string | undefined;

  read(code: string): VoiceEvent | undefined {
    if (code === '/' || code === '~') {
      this.#inBurst = code === '/';
      this.#burstSymbol = undefined;
      return undefined;
    }
    if (goneCodes.includes(code)) return { kind: 'far-end-gone' };
    if (!/^[0-9*#A-D]$/.test(code)) return undefined;
    if (this.#inBurst && code === this.#burstSymbol) return undefined;
    this.#burstSymbol = code;
    return { kind: 'digit', symbol: code as DtmfSymbol };
  }
}
