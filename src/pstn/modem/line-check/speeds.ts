import type { LineUrl } from '../line-url.js';

/** bit/s, the usual ones first. */
const usualSpeeds = [115_200, 9_600, 57_600, 38_400, 19_200, 2_400, 1_200, 230_400] as const;

/** The same line at the other usual speeds; none where a line has no speed. */
export function otherSpeeds(url: LineUrl): readonly Extract<LineUrl, { baudRate: unknown }>[] {
  if (url.kind !== 'serial' && url.kind !== 'rfc2217') return [];
  return usualSpeeds.filter((speed) => speed !== url.baudRate).map((baudRate) => ({ ...url, baudRate }));
}
