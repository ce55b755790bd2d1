/** The largest octet of a run 04. */
export const longestDistance = 16;

/**
 * Octets as differences modulo 256 to the octet `distance` places before, zeros before the first; or such differences as octets
 * again. In any split, one way for each object. Distance 0: as they are.
 */
export class Differences {
  readonly distance: number;
  /** The last `distance` octets. */
  #before: Uint8Array;

  constructor(distance: number) {
    this.distance = distance;
    this.#before = new Uint8Array(distance);
  }

  of(octets: Uint8Array): Uint8Array {
    if (this.distance === 0) return octets;
    const earlier = Buffer.concat([this.#before, octets]);
    this.#before = earlier.subarray(octets.length);
    return octets.map((octet, at) => octet - (earlier[at] ?? 0));
  }

  undo(differences: Uint8Array): Uint8Array {
    if (this.distance === 0) return differences;
    const octets = Buffer.concat([this.#before, differences]);
    for (const [at, difference] of differences.entries())
      octets[at + this.distance] = difference + (octets[at] ?? 0);
    this.#before = octets.subarray(differences.length);
    return octets.subarray(this.distance);
  }
}
