import type { Subscriber, Subscribers } from '../store/subscribers.js';
import type { Config } from './config.js';

type Entry = Config['subscriber'][number];

/**
 * Opens the accounts of the configuration that the database does not know; those that it knows stay as they are there.
 * @returns a warning for each account that differs, with the fields named as in the file
 */
export async function enrol(subscribers: Subscribers, entries: readonly Entry[]): Promise<string[]> {
  const warnings: string[] = [];
  for (const entry of entries) {
    const isNew = await subscribers.add({
      account: entry.account,
      name: entry.name,
      number: entry.number,
      callingNumbers: entry.calling_numbers,
      allowsWithheldAni: entry.allow_withheld_ani,
      versions: entry.versions,
      accepts: entry.accepts,
    });
    const known = isNew ? undefined : await subscribers.find(entry.account);
    if (known) warnings.push(...differenceWarning(entry, known));
  }
  return warnings;
}

function differenceWarning(entry: Entry, known: Subscriber): string[] {
  const fields = differingFields(entry, known);
  const state = known.state === 'active' ? '' : ` It is ${known.state}.`;
  if (fields.length === 0 && state === '') return [];
  const difference =
    fields.length === 0
      ? ''
      : ` and differs from the configuration in ${fields.join(', ')}; the database counts`;
  return [
    `Account ${entry.account} is in the database already${difference}.${state} ` +
      `See \`cordboard subscriber show ${entry.account}\`.`,
  ];
}

function differingFields(entry: Entry, known: Subscriber): string[] {
  const same: Record<Exclude<keyof Entry, 'account'>, boolean> = {
    name: entry.name === known.name,
    number: entry.number === known.number,
    calling_numbers: isSameSet(entry.calling_numbers, known.callingNumbers),
    allow_withheld_ani: entry.allow_withheld_ani === known.allowsWithheldAni,
    versions: isSameSet(entry.versions, known.versions),
    accepts: isSameSet(entry.accepts, known.accepts),
  };
  return Object.entries(same).flatMap(([field, isSame]) => (isSame ? [] : [field]));
}

function isSameSet(one: readonly unknown[], other: readonly unknown[]): boolean {
  const members = new Set(one);
  return members.size === new Set(other).size && other.every((each) => members.has(each));
}
