/** Steps 775 and 780: what one container may unpack to (protocol text A.3). Senders keep to them too. */
export const containerLimits = {
  entries: 65_535,
  /** All files together. */
  contentOctets: 4 * 1024 ** 3,
  /** Unpacked octets for each octet of F. */
  ratio: 200,
} as const;

export type ContainerLimits = { readonly [K in keyof typeof containerLimits]: number };
