import { setTimeout } from 'node:timers/promises';
import { type Measurements, measure } from './measure.js';
import { type MakeFolder, PeerSubject } from './peer-subject.js';
import { isInstalled, kermit, type Peer, uucp, zmodem } from './peers.js';
import { type CaseName, casesWhere } from './plan.js';

/** For one call, in real time: what is not there by then would take longer than all the rest. */
export const limitMs = 280_000;

/** Each begins a little later, so that sixty programs do not start at once. */
const betweenStartsMs = 150;

export const peers: readonly Peer[] = [zmodem, kermit, uucp];

export const installedPeers = () => peers.filter(({ programs }) => programs.every(isInstalled));

export const shortCases = casesWhere(({ isShort, isOursAlone }) => isShort && !isOursAlone);
export const longCases = casesWhere(({ isShort, isOursAlone }) => !isShort && !isOursAlone);

export interface PeerMeasuring {
  readonly makeFolder: MakeFolder;
  onMeasured(): void;
  /** A program that could not be measured leaves a gap in the table, and why. */
  onProblem(problem: string): void;
  readonly signal: AbortSignal;
}

/** All that was measured of the programs that people use today, by their names. */
export class PeerMeasurements {
  readonly all: Record<string, Measurements> = {};
  readonly #present: readonly Peer[];
  readonly #measuring: PeerMeasuring;

  constructor(present: readonly Peer[], measuring: PeerMeasuring) {
    this.#present = present;
    this.#measuring = measuring;
  }

  /** One case after the other, each with every program at once: to be run while the machine has nothing else to do. */
  async takeShort(): Promise<void> {
    for (const name of shortCases) await Promise.all(this.#present.map((peer) => this.#take(peer, name)));
  }

  /** All at once, in real time: each has lines of its own and hardly uses the processor. */
  async takeLong(): Promise<void> {
    const runs = this.#present.flatMap((peer) => longCases.map((name) => ({ peer, name })));
    await Promise.all(
      runs.map(async ({ peer, name }, index) => {
        await setTimeout(index * betweenStartsMs);
        await this.#take(peer, name);
      }),
    );
  }

  async #take(peer: Peer, name: CaseName): Promise<void> {
    const { makeFolder, onMeasured, onProblem, signal } = this.#measuring;
    if (signal.aborted) return;
    try {
      const measured = await measure(new PeerSubject(peer, makeFolder), name, {
        size: 'peerOctets',
        place: makeFolder(),
        limitMs,
        signal,
      });
      this.all[peer.name] = { ...this.all[peer.name], [name]: measured };
    } catch (cause) {
      onProblem(`${peer.name} could not be measured (${name}): ${(cause as Error).message}.`);
    }
    onMeasured();
  }
}
