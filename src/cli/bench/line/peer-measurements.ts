import { type Measurements, measure } from './measure.js';
import { type MakeFolder, PeerSubject } from './peer-subject.js';
import { isInstalled, kermit, type Peer, uucp, zmodem } from './peers.js';
import { type Case, caseNames, plan } from './plan.js';

/** For one call, in real time: what is not there by then would take longer than all the rest. */
export const limitMs = 280_000;

/** Each begins a little later, so that sixty programs do not start at once. */
const betweenStartsMs = 150;

export const peers: readonly Peer[] = [zmodem, kermit, uucp];

export const installedPeers = () => peers.filter(({ programs }) => programs.every(isInstalled));

export const peerCases = caseNames.filter((name) => !(plan[name] as Case).isOursAlone);

/**
 * Measures all of `present` with all cases at once, in real time: each has lines of its own and hardly uses the processor.
 * @returns by the peer's name
 */
export async function peerMeasurements(
  present: readonly Peer[],
  options: { readonly makeFolder: MakeFolder; onMeasured(): void; readonly signal: AbortSignal },
): Promise<Record<string, Measurements>> {
  const { makeFolder, onMeasured, signal } = options;
  const all: Record<string, Measurements> = {};
  const runs = present.flatMap((peer) => peerCases.map((name) => ({ peer, name })));
  await Promise.all(
    runs.map(async ({ peer, name }, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * betweenStartsMs));
      if (signal.aborted) return;
      const subject = new PeerSubject(peer, makeFolder);
      const measured = await measure(subject, name, {
        size: 'peerOctets',
        place: makeFolder(),
        limitMs,
        signal,
      });
      all[peer.name] = { ...all[peer.name], [name]: measured };
      onMeasured();
    }),
  );
  return all;
}
