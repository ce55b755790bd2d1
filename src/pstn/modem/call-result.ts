import type { Reply } from './command-channel.js';
import type { ConnectResult } from './modem.js';

export function isOk(reply: Reply): boolean {
  return reply.kind === 'result' && reply.code.kind === 'ok';
}

/** A modem in voice class says OK or VCON for the same thing (telephony text 2.1). */
export function isOkInVoice(reply: Reply): boolean {
  return isOk(reply) || (reply.kind === 'result' && reply.code.kind === 'voice');
}

/** What a call came to whose command ended in anything but success. */
export function failedCall(reply: Reply, command: string): ConnectResult {
  if (reply.kind !== 'result') return { kind: 'silent' };
  switch (reply.code.kind) {
    case 'busy':
    case 'no-answer':
    case 'no-dial-tone':
      return { kind: reply.code.kind };
    case 'error':
      return { kind: 'refused-by-modem', command };
    default:
      return { kind: 'no-carrier' };
  }
}
