import { join } from 'node:path';
import { mark, writeContent } from './contents.js';
import { type Case, type CaseName, plan } from './plan.js';
import type { Delivery, Subject } from './subject.js';

/** What came of one case. It can be written as JSON. */
export interface Measured {
  /** All files together. */
  readonly octets: number;
  readonly delivery: Delivery;
}

export type Measurements = Partial<Record<CaseName, Measured>>;

export interface MeasureOptions {
  readonly size: 'octets' | 'peerOctets';
  /** An empty folder. */
  readonly place: string;
  /** Of line time, for one call. */
  readonly limitMs: number;
  readonly signal?: AbortSignal;
}

/** Lets the subject deliver what the case says. */
export async function measure(subject: Subject, name: CaseName, options: MeasureOptions): Promise<Measured> {
  const { content, line, isLostHalfway, isChangedBetween, ...sizes }: Case = plan[name];
  const size = sizes[options.size] ?? sizes.octets;
  const folder = join(options.place, 'files');
  const octets = writeContent(content, size, folder);
  const delivery = await subject.deliver({
    line,
    folder,
    limitMs: options.limitMs,
    ...(options.signal && { signal: options.signal }),
    ...(isLostHalfway && { lostAfterOctets: Math.floor(octets / 2) }),
    ...(isChangedBetween && { betweenCalls: () => void writeContent('changed random', size, folder) }),
    ...(content !== 'office folder' && { mark }),
  });
  return { octets, delivery };
}
