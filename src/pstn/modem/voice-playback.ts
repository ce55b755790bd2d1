import { atMost } from '../../time/at-most.js';
import { encodeLinear8 } from '../audio/linear-pcm.js';
import { samplesPerMs } from '../audio/pcm.js';
import { shielded } from '../voice-shielding.js';
import type { Reply } from './command-channel.js';
import type { HangUpTools } from './hang-up.js';

/** Unsigned eight-bit samples: the one format that every modem of V.253 has. */
const format = 'AT+VSM=1,8000';

const settingMs = 2_000;
/** Over the length of the recording, for what the modem has in its buffer. */
const marginMs = 10_000;

/** What one write hands to the port: a hang-up waits for no more than a quarter of a second of sound. */
const sliceOctets = 2_048;

const dle = 0x10;
const endOfStream = Uint8Array.of(dle, 0x03);
/** What the modem has not played yet is not played. */
const dropAndEnd = Uint8Array.of(dle, 0x18, dle, 0x03);

/** `refused`: the modem has no voice streams. `silent`: it does not say that it has played (fault 41), or takes no samples. */
export type PlayOutcome = 'played' | 'given-up' | 'refused' | 'silent';

/**
 * `+VTX` from CONNECT to the code that ends it, in voice mode. The command channel reads lines and `<DLE>` events
 * meanwhile: the modem sends nothing else.
 * @param isGivenUp asked between slices
 */
export async function playRecording(
  { channel, line, clock }: HangUpTools,
  samples: Int16Array,
  isGivenUp: () => boolean,
): Promise<PlayOutcome> {
  const formatReply = await channel.execute(format, { timeoutMs: settingMs });
  if (!isCode(formatReply, 'ok')) return 'refused';
  const finals = ['connect', 'ok', 'voice', 'error', 'no-carrier'] as const;
  const opened = await channel.execute('AT+VTX', { timeoutMs: settingMs, finals });
  if (!isCode(opened, 'connect')) return 'refused';
  const octets = shielded(encodeLinear8(samples));
  const deadlineMs = clock.monotonicMs() + samples.length / samplesPerMs + marginMs;
  const leftMs = () => deadlineMs - clock.monotonicMs();
  for (let at = 0; at < octets.length && leftMs() > 0 && !isGivenUp(); at += sliceOctets) {
    await atMost(clock, leftMs(), line.write(octets.subarray(at, at + sliceOctets)));
  }
  if (leftMs() <= 0) {
    await line.discardOutput();
    return 'silent';
  }
  const isWhole = !isGivenUp();
  const ended = await channel.conclude(isWhole ? endOfStream : dropAndEnd, {
    timeoutMs: isWhole ? leftMs() : settingMs,
    finals: ['ok', 'voice'],
  });
  if (ended.kind !== 'result') return 'silent';
  return isWhole ? 'played' : 'given-up';
}

function isCode(reply: Reply, kind: 'ok' | 'connect'): boolean {
  return reply.kind === 'result' && reply.code.kind === kind;
}
