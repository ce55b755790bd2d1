import type { Clock } from '../../time/clock.js';
import type { CommandChannel } from './command-channel.js';
import type { LineTiming } from './open-line.js';
import type { SerialLine } from './serial-line.js';

/** What a hang-up works with. */
export interface HangUpTools {
  readonly channel: CommandChannel;
  readonly line: SerialLine;
  readonly clock: Clock;
  readonly timing: LineTiming;
  /** Circuit 109, where it can be believed. */
  carrierDetect(): Promise<boolean | undefined>;
}

/** S38 = 20 s: a modem told to hang up first sends what it holds, for that long at most. */
export const sendBufferMs = 25_000;
/** S12 = 1 s, and a little. */
export const escapeGuardMs = 1_100;
const replyMs = 3_000;

/**
 * Brings the modem on-hook and has it say so: OK to `ATH` comes from command state alone.
 * @param dataCall octets went to the far modem until now, so a command would go there too
 * @returns false when the modem obeys neither DTR nor the escape (fault 41)
 */
export async function putOnHook(tools: HangUpTools, dataCall: boolean): Promise<boolean> {
  if (dataCall) await leaveData(tools);
  if (await answersHangUp(tools, dataCall ? sendBufferMs : 2 * replyMs)) return true;
  if (tools.line.canDropDtr !== 'no') {
    await dropDtr(tools, false);
    if (await answersHangUp(tools, replyMs)) return true;
  }
  await tools.channel.escape(escapeGuardMs);
  return answersHangUp(tools, 2 * replyMs);
}

/** DTR off and on again: a call ends, and the modem is in command state. */
export async function dropDtr(tools: HangUpTools, dataCall: boolean): Promise<void> {
  await tools.line.dropDtr({
    offMs: tools.timing.dtrOffMs,
    releaseMs: dataCall ? sendBufferMs : 0,
    carrierDetect: () => tools.carrierDetect(),
  });
  await tools.channel.settle();
}

/** By escape, the buffer is sent while `ATH` is under way. */
async function leaveData(tools: HangUpTools): Promise<void> {
  if (tools.line.canDropDtr !== 'no') return dropDtr(tools, true);
  await tools.channel.escape(escapeGuardMs);
  await tools.channel.execute('ATH', { timeoutMs: sendBufferMs });
}

async function answersHangUp(tools: HangUpTools, patienceMs: number): Promise<boolean> {
  const deadlineMs = tools.clock.monotonicMs() + patienceMs;
  for (let tries = 1; ; tries++) {
    const reply = await tools.channel.execute('ATH', { timeoutMs: replyMs });
    if (reply.kind === 'result') {
      // An earlier ATH may be answered as well, later.
      if (tries > 1) await tools.channel.settle();
      return true;
    }
    if (reply.kind === 'lost' || tools.clock.monotonicMs() >= deadlineMs) return false;
  }
}
