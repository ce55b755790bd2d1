import * as v from 'valibot';
import { nanp } from '../pstn/central-office/routing/nanp.js';
import { NumberingPlan, type NumberingPlanTable } from '../pstn/central-office/routing/numbering-plan.js';
import { CommandFailed } from './exit-codes.js';
import { checked, readToml } from './toml-file.js';

const planSchema = v.strictObject({
  national_digits: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(15))),
  rule: v.pipe(
    v.array(
      v.strictObject({
        dial: v.pipe(v.string(), v.nonEmpty('must not be empty')),
        strip: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 0),
        prefix: v.optional(
          v.pipe(
            v.string(),
            v.regex(/^(\d|\{country\}|\{area\}){0,15}$/, 'must be digits, {country} and {area}'),
          ),
          '',
        ),
        means: v.optional(v.picklist(['number', 'service', 'cancel-call-waiting']), 'number'),
      }),
    ),
    v.minLength(1, 'needs at least one [[rule]]'),
  ),
});

/** @param plan `nanp`, or the path of a TOML file with the rows of another */
export function readNumberingPlan(plan: string): NumberingPlanTable {
  if (plan === nanp.name) return nanp;
  const table = checked(
    planSchema,
    readToml(plan, 'numbering plan (or write "nanp")'),
    `The numbering plan in ${plan}`,
  );
  const { national_digits, rule: rules } = table;
  for (const [index, rule] of rules.entries()) checkRow({ name: plan, rules: [rule] }, index);
  return { name: plan, rules, ...(national_digits !== undefined && { nationalDigits: national_digits }) };
}

function checkRow(row: NumberingPlanTable, index: number): void {
  try {
    new NumberingPlan(row, ['212']);
  } catch (cause) {
    throw new CommandFailed(
      'usage',
      `The numbering plan in ${row.name} cannot be used:\n  rule.${index}.dial: ${(cause as Error).message}`,
      { cause },
    );
  }
}
