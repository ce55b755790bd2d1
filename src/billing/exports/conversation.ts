import type { ExportedCall } from '../../store/exports.js';

/**
 * Tenths of a second from bridge to end. What counts is `billableSeconds`, whole seconds of a clock that nobody sets; the
 * tenths come from the two times of day, where these agree with it.
 */
export function conversationTenths({ bridgeAt, endAt, billableSeconds }: ExportedCall): number {
  if (bridgeAt === undefined) return 0;
  const tenths = Math.ceil((endAt.getTime() - bridgeAt.getTime()) / 100);
  return Math.ceil(tenths / 10) === billableSeconds ? tenths : billableSeconds * 10;
}
