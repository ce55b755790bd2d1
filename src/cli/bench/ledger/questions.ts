import type { CallFilter } from '../../../store/call-filter.js';
import { account, accountCount, numberOf, trunk, trunkCount } from './made-calls.js';

/** What is asked, with another account, number or trunk each time. */
export interface Question {
  readonly name: string;
  filter(turn: number): CallFilter;
}

const spread = (turn: number, count: number) => (turn * 7_919) % count;
const accountOf = (turn: number) => account(spread(turn, accountCount));
const numberAt = (turn: number) => numberOf(spread(turn, accountCount));

/** One for each part of the filter, and some that staff put together. */
export function questions({ from, to }: { readonly from: Date; readonly to: Date }): Question[] {
  const day = (turn: number) => {
    const start = from.getTime() + spread(turn, 80) * 86_400_000;
    return { from: new Date(start), to: new Date(Math.min(start + 86_400_000, to.getTime())) };
  };
  const all: Record<string, (turn: number) => CallFilter> = {
    newest: () => ({}),
    'day by ring': day,
    'day by bridge': (turn) => ({ by: 'bridge', ...day(turn) }),
    'day by end': (turn) => ({ by: 'end', ...day(turn) }),
    account: (turn) => ({ account: accountOf(turn) }),
    caller: (turn) => ({ caller: accountOf(turn) }),
    callee: (turn) => ({ callee: accountOf(turn) }),
    'calling number': (turn) => ({ callingNumber: { digits: numberAt(turn), isPrefix: false } }),
    'calling prefix': (turn) => ({ callingNumber: { digits: numberAt(turn).slice(0, 6), isPrefix: true } }),
    'called number': (turn) => ({ calledNumber: { digits: numberAt(turn), isPrefix: false } }),
    'called prefix': (turn) => ({ calledNumber: { digits: numberAt(turn).slice(0, 6), isPrefix: true } }),
    trunk: (turn) => ({ port: trunk(spread(turn, trunkCount)) }),
    'callee trunk': (turn) => ({ calleePort: trunk(spread(turn, trunkCount)) }),
    'no such trunk': () => ({ port: 'sim:0' }),
    outcome: (turn) => ({ outcome: turn % 2 ? 'failed' : 'busy' }),
    cause: (turn) => ({ cause: turn % 2 ? 34 : 16 }),
    'long calls': () => ({ minDuration: 1_500 }),
    'short calls': () => ({ maxDuration: 23, isAnswered: true }),
    answered: () => ({ isAnswered: true }),
    unanswered: () => ({ isAnswered: false }),
    class: (turn) => ({ callClass: turn % 2 ? 'pairing' : 'stored' }),
    rated: () => ({ isRated: true }),
    unrated: () => ({ isRated: false }),
    'high cost': () => ({ minCost: '4.50' }),
    'low cost': () => ({ maxCost: '0.10' }),
    payer: (turn) => ({ payer: accountOf(turn) }),
    'account, day, answered': (turn) => ({ account: accountOf(turn), ...day(turn), isAnswered: true }),
    'caller, cause, prefix': (turn) => ({
      ...{ caller: accountOf(turn), cause: 17 },
      calledNumber: { digits: '5550', isPrefix: true },
    }),
  };
  return Object.entries(all).map(([name, filter]) => ({ name, filter }));
}
