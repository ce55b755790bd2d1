import type { Progress } from '../endpoint/actions/events.js';

/** Steps, so that the bar does not change its width with every figure beside it. */
const barWidths = [24, 16, 8];

/**
 * A transfer in one line that is never wider than asked: what matters least goes first (bar, amount, rate, time left).
 * @param width columns, without the one in which a terminal would wrap
 */
export function progressLine(progress: Progress, width: number): string {
  const { octets, total, rate, secondsLeft } = progress;
  const speed = rate === null ? '' : `${amount(rate)}/s`;
  if (total === null) return fitted([`${amount(octets)} received`, speed], width);
  const share = total === 0 ? 1 : Math.min(octets / total, 1);
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`;
  const left = secondsLeft === null || octets === total ? '' : `${duration(secondsLeft)} left`;
  const texts = [
    [percent, `${amount(octets)} of ${amount(total)}`, speed, left],
    [percent, speed, left],
    [percent, left],
  ].map((parts) => fitted(parts, Number.POSITIVE_INFINITY));
  const text = texts.find(({ length }) => length <= width) ?? fitted([percent], width);
  const barWidth = barWidths.find((columns) => columns + '[] '.length + text.length <= width);
  return barWidth === undefined ? text : `[${bar(share, barWidth)}] ${text}`;
}

function fitted(parts: readonly string[], width: number): string {
  return parts
    .filter((part) => part !== '')
    .join(', ')
    .slice(0, Math.max(0, width));
}

function bar(share: number, width: number): string {
  return '='.repeat(Math.floor(share * width)).padEnd(width);
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Octets in decimal units: two figures below ten, whole numbers from there (`950 B`, `4.1 kB`, `43 kB`). */
export function amount(octets: number): string {
  let value = octets;
  let unit = 0;
  while (Math.round(value) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  // 9.96 would round to 10.0.
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Rounded up, so that nothing is left only at the end: `8 s`, `2 min 05 s`, `3 h 10 min`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  const minutes = Math.ceil(whole / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

const twoDigits = (number: number) => String(number).padStart(2, '0');
