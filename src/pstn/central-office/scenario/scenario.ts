import type { DtmfSymbol } from '../../signals.js';

/** What a telephone does, on a line without a program. */
export type TelephoneAction =
  | { readonly do: 'off-hook' | 'on-hook' | 'flash' }
  /** Off-hook where it is not, dial tone, digits. */
  | { readonly do: 'dial'; readonly digits: readonly DtmfSymbol[] };

/** What befalls a line. */
export type LineAction =
  | { readonly do: 'cut' | 'mend' | 'stick-off-hook' | 'unstick' | 'drop-carrier' | 'retrain' }
  /** bit/s, for the present call */
  | { readonly do: 'change-rate'; readonly rate: number };

/** At a time since the beginning this happens to that line. */
export interface ScenarioEvent {
  readonly atMs: number;
  readonly line: string;
  readonly action: TelephoneAction | LineAction;
}

export function isTelephoneAction(action: TelephoneAction | LineAction): action is TelephoneAction {
  return ['off-hook', 'on-hook', 'flash', 'dial'].includes(action.do);
}
