/** Twelve decimal digits; shorter numbers are left-filled with zeros (protocol text A.1). */
export type AccountNumber = string & { readonly __brand: 'AccountNumber' };

/** The account that a person typed or a packet carried, or `undefined` when it is not 1 to 12 ASCII digits. */
export function parseAccountNumber(text: string): AccountNumber | undefined {
  return /^[0-9]{1,12}$/.test(text) ? (text.padStart(12, '0') as AccountNumber) : undefined;
}
