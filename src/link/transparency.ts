/**
 * Lines that eat control characters: which octets never go out as they are. `flow-control` is XON and XOFF with
 * either parity bit; `controls` is all of C0 and C1, DEL and FF.
 */
export type Transparency = 'flow-control' | 'controls';

const escapeOctet = 0x7d;
const flip = 0x20;

const flowControl: ReadonlySet<number> = new Set([0x11, 0x13, 0x91, 0x93]);

function isEaten(transparency: Transparency, octet: number): boolean {
  if (transparency === 'flow-control') return flowControl.has(octet);
  return (octet & 0x7f) < 0x20 || octet === 0x7f || octet === 0xff;
}

/** Escapes below the framing: 7D, then the octet with bit 20 flipped. What the line itself put in is dropped. */
export class Escaper {
  readonly #transparency: Transparency;
  #isEscaped = false;

  constructor(transparency: Transparency) {
    this.#transparency = transparency;
  }

  escape(octets: Uint8Array): Uint8Array {
    const out = new Uint8Array(2 * octets.length);
    let length = 0;
    for (const octet of octets) {
      if (octet === escapeOctet || isEaten(this.#transparency, octet)) {
        out[length++] = escapeOctet;
        out[length++] = octet ^ flip;
      } else {
        out[length++] = octet;
      }
    }
    return out.slice(0, length);
  }

  /** In any split: an escape at the end waits for its octet. */
  unescape(octets: Uint8Array): Uint8Array {
    const out = new Uint8Array(octets.length);
    let length = 0;
    for (const octet of octets) {
      if (isEaten(this.#transparency, octet)) continue;
      if (octet === escapeOctet) {
        this.#isEscaped = true;
      } else {
        out[length++] = this.#isEscaped ? octet ^ flip : octet;
        this.#isEscaped = false;
      }
    }
    return out.slice(0, length);
  }
}
