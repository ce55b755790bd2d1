/** The protocol versions that one side speaks, both inclusive, each one octet on the wire. */
export interface VersionRange {
  readonly low: number;
  readonly high: number;
}

/** Version 1 as it is spoken here; version 2 is never reached through these octets (protocol text A.7). */
export const versionOne: VersionRange = { low: 1, high: 1 };

/** The highest version that both speak, or `undefined` (A.1 "version choice"). */
export function agreeVersion(own: VersionRange, peer: VersionRange): number | undefined {
  const version = Math.min(own.high, peer.high);
  return version >= Math.max(own.low, peer.low) ? version : undefined;
}
