import * as v from 'valibot';
import { isTelephoneAction, type ScenarioEvent } from '../pstn/central-office/scenario/scenario.js';
import type { DtmfSymbol } from '../pstn/signals.js';
import { CommandFailed } from './exit-codes.js';
import { mostSeconds, type OfficeSection, rate } from './office-config.js';
import { checked, readToml } from './toml-file.js';

const at = {
  at_s: v.pipe(v.number(), v.minValue(0, 'must not be negative'), v.maxValue(mostSeconds)),
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
    digits: v.pipe(v.string(), v.regex(/^[0-9*#A-D]{1,80}$/, 'must be digits, *, # and A to D, 80 at most')),
  }),
  v.strictObject({
    ...at,
    do: v.literal('change-rate'),
    rate,
  }),
]);

const scenarioSchema = v.strictObject({
  event: v.pipe(v.array(eventSchema), v.minLength(1, 'needs at least one [[event]]')),
});

type EventRow = v.InferOutput<typeof eventSchema>;

/**
 * Events in any order; those at one time happen in the order of the file.
 * @param network on whose lines they happen
 */
export function readScenario(path: string, network: OfficeSection): ScenarioEvent[] {
  const whose = `The scenario in ${path}`;
  const { event: rows } = checked(scenarioSchema, readToml(path, 'scenario'), whose);
  const events = rows.map(eventOf);
  const problems = events.flatMap((event, index) => {
    const problem = problemOn(event, network);
    return problem === undefined ? [] : [`  event.${index}.line: ${problem}`];
  });
  if (problems.length > 0)
    throw new CommandFailed('usage', `${whose} does not fit its network:\n${problems.join('\n')}`);
  return events;
}

function eventOf(row: EventRow): ScenarioEvent {
  const base = { atMs: row.at_s * 1_000, line: row.line };
  if (row.do === 'dial') return { ...base, action: { do: row.do, digits: [...row.digits] as DtmfSymbol[] } };
  if (row.do === 'change-rate') return { ...base, action: { do: row.do, rate: row.rate } };
  return { ...base, action: { do: row.do } };
}

function problemOn({ line: number, action }: ScenarioEvent, network: OfficeSection): string | undefined {
  const line = network.line.find((it) => it.number === number);
  if (!line) return `no [[office.line]] has the number ${number}`;
  if (line.expose === undefined || !isTelephoneAction(action)) return undefined;
  return `a telephone cannot ${action.do} on ${number}, which is exposed to programs as ${line.expose}; use a line without "expose"`;
}
