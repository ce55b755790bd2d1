import { parseTariffFile } from '../billing/tariff-file.js';
import type { AccountNumber } from '../bytes/account-number.js';
import type { Store } from '../store/store.js';
import { printable } from './table.js';

/** By what an account's calls are rated. */
export interface AccountTariff {
  readonly name: string;
  /** It is that of accounts that have none of their own. */
  readonly isDefault: boolean;
  /** Of its version in force; `undefined`: none is, or this program does not take its file. */
  readonly terms: { readonly currency: string; readonly zone: string } | undefined;
}

/** `undefined`: it has none of its own, and none is the default. */
export async function accountTariff(
  { tariffs }: Pick<Store, 'tariffs'>,
  account: AccountNumber,
  at: Date,
): Promise<AccountTariff | undefined> {
  const name = await tariffs.of(account);
  if (name === undefined) return undefined;
  const version = await tariffs.at(name, at);
  const parsed = version && parseTariffFile(version.content, version.rates);
  const isDefault = (await tariffs.list()).some((each) => each.name === name && each.isDefault);
  if (parsed?.kind !== 'tariff') return { name, isDefault, terms: undefined };
  const { currency, zone } = parsed.tariff;
  return { name, isDefault, terms: { currency, zone } };
}

export function accountTariffText(tariff: AccountTariff | undefined): string {
  if (!tariff) return 'none, and none is the default: its calls are not rated';
  const name = `${printable(tariff.name)}${tariff.isDefault ? ', the default one' : ''}`;
  const { terms } = tariff;
  return terms
    ? `${name} (${terms.currency}, ${terms.zone})`
    : `${name}: no version of it is in force, and its calls are not rated`;
}
