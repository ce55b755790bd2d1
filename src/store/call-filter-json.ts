import * as v from 'valibot';
import { type CallFilter, callTimes } from './call-filter.js';
import { callOutcomes, recordedClasses } from './call-kinds.js';
import { account, count, time } from './kept-json.js';

/** Of a filter that is kept: times in ISO 8601, the rest as it is. Which page is looked at belongs to nobody's question. */
export type CallFilterJson = Readonly<Record<string, string | number | boolean | object>>;

export function callFilterJson({ after, limit, ...filter }: CallFilter): CallFilterJson {
  return Object.fromEntries(
    Object.entries(filter)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value instanceof Date ? value.toISOString() : value]),
  );
}

const numbers = v.strictObject({ digits: v.string(), isPrefix: v.boolean() });
const amount = v.pipe(v.string(), v.regex(/^\d+(\.\d+)?$/));

const schema = v.strictObject({
  by: v.exactOptional(v.picklist(callTimes)),
  from: v.exactOptional(time),
  to: v.exactOptional(time),
  account: v.exactOptional(account),
  caller: v.exactOptional(account),
  callee: v.exactOptional(account),
  callingNumber: v.exactOptional(numbers),
  calledNumber: v.exactOptional(numbers),
  port: v.exactOptional(v.string()),
  calleePort: v.exactOptional(v.string()),
  outcome: v.exactOptional(v.picklist([...callOutcomes, 'open'])),
  cause: v.exactOptional(count),
  minDuration: v.exactOptional(count),
  maxDuration: v.exactOptional(count),
  isAnswered: v.exactOptional(v.boolean()),
  isRated: v.exactOptional(v.boolean()),
  minCost: v.exactOptional(amount),
  maxCost: v.exactOptional(amount),
  currency: v.exactOptional(v.string()),
  payer: v.exactOptional(account),
  callClass: v.exactOptional(v.picklist(recordedClasses)),
});

/** `undefined` where a newer program has written what this one does not know: a part left out would find other calls. */
export function parseCallFilter(json: unknown): Omit<CallFilter, 'after' | 'limit'> | undefined {
  const parsed = v.safeParse(schema, json);
  return parsed.success ? parsed.output : undefined;
}
