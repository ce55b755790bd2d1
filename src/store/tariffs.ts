import type { AccountNumber } from '../bytes/account-number.js';

/** What a tariff says from when to when. Never changed once it is imported. */
export interface TariffVersion {
  readonly id: number;
  /** Name of the tariff. */
  readonly tariff: string;
  readonly validFrom: Date;
  /** Exclusive; `undefined`: without end. */
  readonly validTo: Date | undefined;
  /** The file, to the octet. */
  readonly content: string;
  /** The CSV file of rates that it names, to the octet. */
  readonly rates: string | undefined;
  /** Hexadecimal, of `content` and `rates`. */
  readonly sha256: string;
  readonly importedAt: Date;
  readonly importedBy: string;
  readonly withdrawnAt: Date | undefined;
  readonly withdrawnBy: string | undefined;
}

/** Without the files. */
export type TariffPeriod = Omit<TariffVersion, 'content' | 'rates'>;

export type NewTariffVersion = Omit<TariffVersion, 'id' | 'withdrawnAt' | 'withdrawnBy'>;

export interface Tariff {
  readonly name: string;
  /** It holds for accounts that have none of their own. */
  readonly isDefault: boolean;
  /** Accounts whose own it is. */
  readonly accounts: number;
}

export type TariffImport =
  | { readonly kind: 'imported'; readonly id: number; readonly replaced: readonly TariffPeriod[] }
  /** The very same file holds already. Nothing was changed. */
  | { readonly kind: 'known'; readonly period: TariffPeriod }
  /** These hold in its time. Nothing was changed. */
  | { readonly kind: 'overlaps'; readonly periods: readonly TariffPeriod[] };

/** The price lists, each with what it said from when to when. */
export interface Tariffs {
  /**
   * @param replaces what holds in its time is withdrawn, and what is left of that before and after comes back as versions of their own
   * @throws StoreUnavailable
   */
  import(version: NewTariffVersion, options: { readonly replaces: boolean }): Promise<TariffImport>;
  list(): Promise<Tariff[]>;
  /** Of every tariff, or one; by name and beginning, what was withdrawn as well. */
  periods(tariff?: string): Promise<TariffPeriod[]>;
  version(id: number): Promise<TariffVersion | undefined>;
  /** The version in force then. */
  at(tariff: string, instant: Date): Promise<TariffVersion | undefined>;
  /** False where there is no such version, or it is withdrawn already. */
  withdraw(id: number, by: { readonly at: Date; readonly who: string }): Promise<boolean>;
  /** The tariff of what an account pays; `undefined`: the default one again. */
  assign(
    account: AccountNumber,
    tariff: string | undefined,
  ): Promise<'assigned' | 'no account' | 'no tariff'>;
  /** By whose tariff an account's calls are rated: its own, or the default one. */
  of(account: AccountNumber): Promise<string | undefined>;
  /** False where there is no such tariff. */
  makeDefault(tariff: string): Promise<boolean>;
}
