/** The largest group and the most traffic that is reckoned: a million steps, some milliseconds. */
export const largestGroup = 1_000_000;

/**
 * The share of calls that find every line in use: Erlang's loss formula (B).
 * @param lines whole, 0 to `largestGroup`
 * @param erlangs offered traffic, 0 or more
 * @throws RangeError on anything else
 */
export function blocking(lines: number, erlangs: number): number {
  requireLines(lines);
  require(erlangs >= 0 && Number.isFinite(erlangs), 'erlangs', erlangs);
  let blocked = 1;
  for (let n = 1; n <= lines; n++) blocked = withOneMore(blocked, n, erlangs);
  return blocked;
}

/**
 * The fewest lines of which at most `limit` of the calls find none free.
 * @param erlangs offered traffic, 0 to `largestGroup`
 * @param limit above 0 and below 1
 * @throws RangeError on anything else
 */
export function linesFor(erlangs: number, limit: number): number {
  require(erlangs >= 0 && erlangs <= largestGroup, 'erlangs', erlangs);
  requireShare(limit);
  let lines = 0;
  for (let blocked = 1; blocked > limit; ) blocked = withOneMore(blocked, ++lines, erlangs);
  return lines;
}

/**
 * The most traffic, in erlangs, that can be offered to `lines` with at most `limit` of the calls blocked: to the last digit
 * of a double, on the side where it is no more than `limit`.
 * @param lines whole, 0 to `largestGroup`
 * @param limit above 0 and below 1
 * @throws RangeError on anything else
 */
export function trafficFor(lines: number, limit: number): number {
  requireLines(lines);
  requireShare(limit);
  let enough = 0;
  // The lines carry less than themselves: A (1 - B) < N.
  let tooMuch = lines / (1 - limit);
  for (;;) {
    const middle = (enough + tooMuch) / 2;
    if (middle <= enough || middle >= tooMuch) return enough;
    if (blocking(lines, middle) > limit) tooMuch = middle;
    else enough = middle;
  }
}

/** Offered traffic in erlangs: calls under way on average where none is blocked. */
export function offeredTraffic(callsPerHour: number, meanHoldingSeconds: number): number {
  return (callsPerHour * meanHoldingSeconds) / 3_600;
}

/** The blocking of `n` lines from that of one less. */
function withOneMore(blocked: number, n: number, erlangs: number): number {
  const lost = erlangs * blocked;
  return lost / (n + lost);
}

function requireLines(lines: number): void {
  require(Number.isInteger(lines) && lines >= 0 && lines <= largestGroup, 'lines', lines);
}

function requireShare(share: number): void {
  require(share > 0 && share < 1, 'blocking', share);
}

function require(isRight: boolean, what: string, value: number): asserts isRight {
  if (!isRight) throw new RangeError(`Erlang B of ${what} ${value}`);
}
