import { atLeast, atMost, type Goal, isMet, noGoal, type Row } from '../row.js';
import type { Measured, Measurements } from './measure.js';
import { type Case, type CaseName, farDelayMs, plan } from './plan.js';
import type { CallTimes } from './subject.js';

/** All that was measured. */
export interface Results {
  readonly ours: Measurements;
  /** By name. */
  readonly peers: Readonly<Record<string, Measurements>>;
  /** Octets of the office folder as `tar | xz -9e` makes them; `undefined` where xz is not installed. */
  readonly xzOctets: number | undefined;
}

/** A figure of one subject; `null` where what it measures did not come about. */
type Reckoning = (of: Measurements) => number | null;

/** Rows 1 to 6 of what the line must reach. */
export function lineRows(results: Results): Row[] {
  const row = (figure: string, unit: string, goal: Goal, reckon: Reckoning, ...cases: CaseName[]): Row => {
    const value = reckon(results.ours);
    const peers = Object.entries(results.peers).filter(([, measured]) =>
      cases.every((name) => measured[name]),
    );
    return {
      figure,
      value,
      unit,
      ...goal,
      met: isMet(value, goal),
      peers: Object.fromEntries(peers.map(([name, measured]) => [name, reckon(measured)])),
      remarks: remarksOn(results, cases),
    };
  };
  /** Of what the others do not have. */
  const ours = (...[figure, unit, goal, reckon]: Parameters<typeof row>): Row => ({
    ...row(figure, unit, goal, reckon),
    peers: {},
  });
  const officeRow = row('office folder of 4 MB', 'x line', atLeast(2.42), share('office'), 'office');
  return [
    row('1 MiB random, CONNECT to receipt', 'of line', atLeast(0.99), share('random'), 'random'),
    ours('1 MiB random, with the dialling of B', 'of line', noGoal('more'), share('random', wholeMs)),
    row('1 MiB random, from its first octet', 'of line', atLeast(0.996), share('random', contentMs)),
    { ...officeRow, peers: { ...officeRow.peers, ...xzPeers(results) } },
    ours('office folder, with the dialling of B', 'x line', noGoal('more'), share('office', wholeMs)),
    row('1 KiB text, CONNECT to receipt', 's', atMost(2.6), seconds('letter', serviceMs), 'letter'),
    ours('1 KiB text, with the dialling of B', 's', noGoal('less'), seconds('letter', wholeMs)),
    ...ourParts.map(([part, duration]) =>
      ours(`1 KiB text, of it: ${part}`, 's', noGoal('less'), seconds('letter', duration)),
    ),
    ...(['1e-6', '1e-5', '1e-4'] as const).map((rate, index) => {
      const goal = atLeast([0.98, 0.93, 0.75][index] ?? 1);
      return row(`bit error rate ${rate}`, 'of line', goal, share(`errors ${rate}`), `errors ${rate}`);
    }),
    row('line lost at 50 %: sent twice', 'octets', atMost(4096), sentTwice, 'whole', 'lost'),
    row('file changed meanwhile: wrong files', 'files', atMost(0), wrongFiles, 'lost and changed'),
    row('bridge to first octet: round trips', 'trips', atMost(1), roundTrips, 'opening near', 'opening far'),
    row(
      'bridge to first octet: its octets',
      's',
      atMost(0.8),
      seconds('opening near', openingMs),
      'opening near',
    ),
  ];
}

/** From the caller's CONNECT to the receipt, without the time in which a server dialled B. */
function serviceMs({ calls }: Measured['delivery']): number | undefined {
  const call = calls.at(-1);
  return call?.receiptMs === undefined ? undefined : call.receiptMs - call.calleeMs;
}

function wholeMs({ calls }: Measured['delivery']): number | undefined {
  return calls.at(-1)?.receiptMs;
}

function contentMs({ calls }: Measured['delivery']): number | undefined {
  const { receiptMs, firstContentMs } = calls.at(-1) ?? {};
  return receiptMs === undefined || firstContentMs === undefined ? undefined : receiptMs - firstContentMs;
}

function callerLegMs({ calls }: Measured['delivery']): number | undefined {
  const { bridgedMs, calleeMs = 0, calleeLegMs = 0 } = calls[0] ?? {};
  return bridgedMs === undefined ? undefined : bridgedMs - calleeMs - calleeLegMs;
}

/** Until the first octet of content is with B, from where A and B are joined. */
function openingMs({ calls }: Measured['delivery']): number | undefined {
  const { firstContentMs, bridgedMs } = calls[0] ?? {};
  return firstContentMs === undefined || bridgedMs === undefined ? undefined : firstContentMs - bridgedMs;
}

type Duration = (delivery: Measured['delivery']) => number | undefined;

/** Where the time of a delivery through a server goes, but for the dialling of B. */
const ourParts: readonly (readonly [string, Duration])[] = [
  ['A and server', callerLegMs],
  ['server and B', ({ calls: [call] }) => call?.calleeLegMs],
  ['A and B', openingMs],
  ['text, receipt', contentMs],
];

/** Octets of the files over what the line carries in that time; nothing where they did not come as they were. */
export function share(name: CaseName, duration: Duration = serviceMs): Reckoning {
  return (of) => {
    const measured = of[name];
    const ms = measured && duration(measured.delivery);
    if (!measured?.delivery.isRight || ms === undefined) return measured ? 0 : null;
    return round(measured.octets / ((plan[name].line.rate / 8_000) * ms), 4);
  };
}

export function seconds(name: CaseName, duration: Duration): Reckoning {
  return (of) => {
    const measured = of[name];
    const ms = measured && duration(measured.delivery);
    return ms === undefined ? null : round(ms / 1_000, 2);
  };
}

/** Octets of content on the line in both calls beyond those of one whole call. */
export const sentTwice: Reckoning = ({ whole, lost }) => {
  if (!whole?.delivery.isRight || !lost?.delivery.isRight) return null;
  const content = ({ octetsThere, octetsBefore = 0 }: CallTimes) => octetsThere - octetsBefore;
  const sum = (calls: readonly CallTimes[]) => calls.reduce((octets, call) => octets + content(call), 0);
  return Math.max(0, sum(lost.delivery.calls) - sum(whole.delivery.calls));
};

/** Files that are neither what A had nor what it has, with A told that all was well. */
export const wrongFiles: Reckoning = (of) => {
  const delivery = of['lost and changed']?.delivery;
  return delivery ? Number(isWrongAndSaidDone(delivery)) : null;
};

function isWrongAndSaidDone({ isWrongFiled, isSaidDone }: Measured['delivery']): boolean {
  return isWrongFiled && isSaidDone;
}

/**
 * Every round trip before the content, and the content's own way, costs its delay: so the same opening on a far line
 * and on a near one tells how many there are.
 */
export const roundTrips: Reckoning = (of) => {
  const [near, far] = (['opening near', 'opening far'] as const).map((name) => {
    const measured = of[name];
    return measured && openingMs(measured.delivery);
  });
  if (near === undefined || far === undefined) return null;
  return Math.max(0, round(((far - near) / farDelayMs - 1) / 2, 1));
};

/** A pipe of three programs; its line time is reckoned from the parts that were measured. */
function xzPeers({ peers, xzOctets, ours }: Results): Record<string, number> {
  const original = ours.office?.octets;
  const efficiency = peers['sz -8'] && share('random')(peers['sz -8']);
  if (xzOctets === undefined || original === undefined || !efficiency) return {};
  return { 'tar, xz -9e and sz -8 (reckoned)': round((original / xzOctets) * efficiency, 2) };
}

/** What went wrong, of everyone, in these cases. */
function remarksOn({ ours, peers }: Results, cases: readonly CaseName[]): string[] {
  const everyone: [string, Measurements][] = [['Cordboard', ours], ...Object.entries(peers)];
  return cases.flatMap((name) =>
    everyone.flatMap(([subject, measured]) => {
      const delivery = measured[name]?.delivery;
      if (!delivery || delivery.isRight) return [];
      if (isWrongAndSaidDone(delivery))
        return [`${subject} delivered a wrong file and said that all was well.`];
      if (delivery.isAsAtFirst)
        return [
          `${subject} delivered the file as it was when the sending began, and said that all was well.`,
        ];
      const { isChangedBetween }: Case = plan[name];
      const now = isChangedBetween ? ' as it is now' : '';
      return [
        `${subject} did not deliver the file${now}${delivery.isSaidDone ? ', and said that it did' : ''}.`,
      ];
    }),
  );
}

function round(value: number, places: number): number {
  return Number(value.toFixed(places));
}
