import * as v from 'valibot';
import type { ScenarioEvent } from '../pstn/central-office/scenario/scenario.js';
import type { DtmfSymbol } from '../pstn/signals.js';
import { checked, readToml } from './toml-file.js';

const at = {
  at_s: v.pipe(v.number(), v.minValue(0, 'must not be negative')),
  line: v.pipe(v.string(), v.regex(/^[0-9]+$/, 'must be the number of a line')),
};

const eventSchema = v.variant('do', [
  v.strictObject({
    ...at,
    do: v.picklist([
      ...(['off-hook', 'on-hook', 'flash'] as const),
      ...(['cut', 'mend', 'stick-off-hook', 'unstick', 'drop-carrier', 'retrain'] as const),
    ]),
  }),
  v.strictObject({
    ...at,
    do: v.literal('dial'),
    digits: v.pipe(v.string(), v.regex(/^[0-9*#A-D]+$/, 'must be digits, *, # and A to D')),
  }),
  v.strictObject({
    ...at,
    do: v.literal('change-rate'),
    rate: v.pipe(v.number(), v.integer(), v.minValue(300)),
  }),
]);

const scenarioSchema = v.strictObject({
  event: v.pipe(v.array(eventSchema), v.minLength(1, 'needs at least one [[event]]')),
});

/** Events in any order; those at one time happen in the order of the file. */
export function readScenario(path: string): ScenarioEvent[] {
  const { event } = checked(scenarioSchema, readToml(path, 'scenario'), `The scenario in ${path}`);
  return event.map((row): ScenarioEvent => {
    const base = { atMs: row.at_s * 1_000, line: row.line };
    if (row.do === 'dial')
      return { ...base, action: { do: row.do, digits: [...row.digits] as DtmfSymbol[] } };
    if (row.do === 'change-rate') return { ...base, action: { do: row.do, rate: row.rate } };
    return { ...base, action: { do: row.do } };
  });
}
