import { type CarrierAbilities, type ErrorControl, modulationNames, modulations } from '../carrier-terms.js';
import type { Settings } from './settings.js';

/** What the modem offers while it trains: `+MS`, `+ES` and `+DS` at that moment. */
export function abilitiesOf(
  settings: Settings,
  role: 'originate' | 'answer',
  modemMaxRate: number,
): { readonly maxRate: number; readonly abilities: CarrierAbilities } {
  const [carrier = 0, automode, leastToSend = 0, mostToSend = 0, leastToReceive = 0, mostToReceive = 0] =
    settings.extended('+MS');
  const fastest = modulationNames[carrier] ?? 'V92';
  const offered = modulationNames.filter((name) => modulations[name] <= modulations[fastest]);
  const limits = [mostToSend, mostToReceive].filter((limit) => limit > 0);
  return {
    maxRate: Math.min(modemMaxRate, ...limits),
    abilities: {
      minRate: Math.max(leastToSend, leastToReceive),
      modulations: automode === 1 ? offered : [fastest],
      ...errorControl(settings, role),
      compression: settings.first('+DS') !== 0,
    },
  };
}

interface Wanted {
  readonly errorControl: readonly ErrorControl[];
  readonly needsErrorControl: boolean;
}

const both: readonly ErrorControl[] = ['LAPM', 'ALT'];
const none: Wanted = { errorControl: [], needsErrorControl: false };

/** What the answerer does (V.250 6.5.1, third value): without, either if there is one, either or none, one alone. */
const asAnswerer: readonly Wanted[] = [
  none,
  none,
  { errorControl: both, needsErrorControl: false },
  { errorControl: both, needsErrorControl: false },
  { errorControl: both, needsErrorControl: true },
  { errorControl: ['LAPM'], needsErrorControl: true },
  { errorControl: ['ALT'], needsErrorControl: true },
];

/** The originator's fall-back (second value). */
const asOriginator: readonly Wanted[] = [
  { errorControl: both, needsErrorControl: false },
  { errorControl: both, needsErrorControl: false },
  { errorControl: both, needsErrorControl: true },
  { errorControl: ['LAPM'], needsErrorControl: true },
  { errorControl: ['ALT'], needsErrorControl: true },
];

function errorControl(settings: Settings, role: 'originate' | 'answer'): Wanted {
  const [request = 0, fallback = 0, answerer = 0] = settings.extended('+ES');
  if (role === 'answer') return asAnswerer[answerer] ?? none;
  return request < 2 ? none : (asOriginator[fallback] ?? none);
}
