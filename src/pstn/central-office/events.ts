import type { TreatmentName } from './treatments.js';

/** What has happened in the network, in the order in which it did; lines by their numbers. The time is the observer's own. */
export type NetworkEvent =
  | { readonly event: 'off-hook' | 'on-hook' | 'flash'; readonly line: string }
  | { readonly event: 'dialled'; readonly line: string; readonly digits: string }
  /** The circuits of the call are seized: one for each trunk group on its way. */
  | {
      readonly event: 'routed';
      readonly line: string;
      readonly number: string;
      readonly via: readonly string[];
    }
  /** No free circuit; `group` was tried last. */
  | { readonly event: 'congestion'; readonly line: string; readonly number: string; readonly group?: string }
  | { readonly event: 'busy'; readonly line: string; readonly number: string }
  /** A tone or a recorded voice instead of a call. */
  | { readonly event: 'treatment'; readonly line: string; readonly name: TreatmentName }
  | { readonly event: 'ringing' | 'answered'; readonly line: string; readonly called: string }
  /** The first burst: when it comes is chance. */
  | { readonly event: 'rings'; readonly line: string }
  /** The two lines are no longer joined; `line` left. */
  | { readonly event: 'released'; readonly line: string }
  /** What a hook-flash, or a hang-up after it, made of the calls of `line`. */
  | {
      readonly event: 'held' | 'resumed' | 'joined' | 'knocking';
      readonly line: string;
      readonly other: string;
    }
  | { readonly event: 'transferred'; readonly line: string; readonly others: readonly string[] }
  | { readonly event: 'carrier'; readonly line: string; readonly other: string; readonly rate: number }
  | { readonly event: 'no-carrier'; readonly line: string; readonly other: string }
  | { readonly event: 'impairment'; readonly line: string; readonly what: string };

export type Observer = (event: NetworkEvent) => void;
