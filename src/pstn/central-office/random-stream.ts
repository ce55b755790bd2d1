/** Uniform numbers in [0, 1). */
export type Uniform = () => number;

/** The same `seed` (32 bits) gives the same numbers: mulberry32, for chance in simulations, never for secrets. */
export function uniformStream(seed: number): Uniform {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A stream of its own that starts from where `parent` stands. */
export function branch(parent: Uniform): Uniform {
  return uniformStream(Math.floor(parent() * 2 ** 32));
}

/** A stream for one of many, by its name: it does not change when others are added or draw more. */
export function namedStream(seed: number, name: string): Uniform {
  // FNV-1a.
  let hash = 0x811c9dc5 ^ seed;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  return uniformStream(hash);
}

/** Exponentially distributed, with this mean. */
export function exponential(mean: number, chance: Uniform): number {
  return -mean * Math.log1p(-chance());
}
