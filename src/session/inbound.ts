import { ETX, NAK, STX, versionTwoFrame } from '../bytes/framing.js';
import { shapes as dataExchange } from '../protocol/data-exchange/packets.js';
import type { Timer } from '../time/clock.js';
import type { SessionFailure, SessionWorld } from './session.js';

/** The protocol that a caller speaks, and the octets that it took to tell: hand them to the session. */
export interface Inbound {
  readonly kind: 'key-exchange' | 'data-exchange' | 'version-2';
  readonly opening: Uint8Array;
}

/** What this side speaks at all; what it speaks with whom is for later. */
export interface SpokenVersions {
  readonly version1: boolean;
  readonly version2: boolean;
}

/** For the whole of the first packet (protocol text A.1). */
const packetMs = 30_000;
/** How long a Key Exchange may pause behind an octet that looks like the end of a Data Exchange's packet. */
const pauseMs = 500;

/**
 * Which protocol an answered call speaks.
 * Spec gap: both packets A1 begin with STX, two versions and an account, and nothing names the protocol. The
 * Data Exchange's ends with ETX at octet 35, where the Key Exchange's has an octet of its Diffie-Hellman value
 * that is ETX in one of 256; so ETX at octet 35 means Data Exchange if silence follows.
 *
 * Where version 2 is spoken, whatever does not begin with STX is for its link, which finds frames among noise.
 * Anything else is answered with NAK and the release of the line, and comes back as the failure; so is a version that is not
 * spoken here (A.7).
 */
export function identifyInbound(
  world: Pick<SessionWorld, 'connection' | 'clock' | 'log' | 'signal'>,
  speaks: SpokenVersions = { version1: true, version2: false },
): Promise<Inbound | SessionFailure> {
  return new Promise((resolve) => {
    const { connection, clock, log, signal } = world;
    let held: Uint8Array = new Uint8Array();
    let timer: Timer = clock.setTimeout(() => refuse('timed-out', 'no whole packet came in 30 s'), packetMs);

    const stop = () => {
      clock.clearTimeout(timer);
      connection.octets.off('data', take).off('end', lost).off('close', lost);
      connection.octets.pause();
      signal?.removeEventListener('abort', cancel);
    };
    const tell = (kind: Inbound['kind']) => {
      stop();
      resolve({ kind, opening: held });
    };
    const end = (outcome: SessionFailure['outcome'], reason: string) => {
      stop();
      log.info({ session: 'inbound', outcome, reason, octetsReceived: held.length }, 'session failed');
      const failure: SessionFailure = { kind: 'failed', step: 'inbound', outcome, reason, peer: undefined };
      connection.hangUp().then(
        () => resolve(failure),
        () => resolve(failure),
      );
    };
    const refuse = (outcome: SessionFailure['outcome'], reason: string) => {
      connection.octets.write(Uint8Array.of(NAK));
      end(outcome, reason);
    };
    const lost = () => end('interrupted', 'the line was released before the first packet');
    const cancel = () => refuse('cancelled', 'given up here before the first packet');
    const take = (octets: Uint8Array) => {
      held = Buffer.concat([held, octets]);
      const { length } = dataExchange.A1;
      if (held[0] !== STX && speaks.version2) tell('version-2');
      else if (held[0] === STX && !speaks.version1)
        refuse('no-common-version', 'the caller speaks version 1, which is off for everybody here');
      else if (held[0] === versionTwoFrame)
        refuse('no-common-version', 'the caller speaks version 2, this line version 1');
      else if (held[0] === NAK) end('refused', 'the caller sent NAK in place of its first packet');
      else if (held[0] !== STX) refuse('not-authentic', 'the caller speaks no known protocol');
      else if (held.length > length || (held.length === length && held[length - 1] !== ETX))
        tell('key-exchange');
      else if (held.length === length) {
        clock.clearTimeout(timer);
        timer = clock.setTimeout(() => tell('data-exchange'), pauseMs);
      }
    };

    signal?.addEventListener('abort', cancel, { once: true });
    // 'close' follows an error; without a listener it would end the process, also after this.
    connection.octets.on('error', () => {});
    connection.octets.on('data', take).on('end', lost).on('close', lost);
    if (signal?.aborted) cancel();
    else if (connection.octets.destroyed || connection.octets.readableEnded) lost();
  });
}
