import { DtmfDetector } from '../../../pstn/audio/dtmf-detector.js';
import { decodeMuLaw } from '../../../pstn/audio/mu-law.js';
import { sampleRate, samplesPerMs } from '../../../pstn/audio/pcm.js';
import { ToneDetector } from '../../../pstn/audio/tone-detector.js';
import type { DtePort } from '../../../pstn/central-office/dte.js';
import { profiles } from '../../../pstn/central-office/modem/profiles/by-name.js';
import { SimulatedModem } from '../../../pstn/central-office/modem/simulated-modem.js';
import { Network } from '../../../pstn/central-office/network.js';
import { type Uniform, uniformStream } from '../../../pstn/central-office/random-stream.js';
import type { SubscriberLine } from '../../../pstn/central-office/subscriber-line.js';
import { shielded } from '../../../pstn/voice-shielding.js';
import type { Clock } from '../../../time/clock.js';
import { SimulatedClock } from '../../../time/simulated-clock.js';

const calls = 10;
const callLimitMs = 60_000;
const frameSamples = 160;

/** Seconds of processor time for a second of sound. */
export interface VoiceCost {
  /** One modem that plays and records at once: formats, shielding, the line, both detectors. */
  readonly stream: number;
  /** What listens for DTMF and call progress, of that. */
  readonly detectors: number;
}

/** Voice calls in which both ends play noise, the dearest of sounds to listen to, and record it. */
export function voiceCost(seed: number, lengthMs: number): VoiceCost {
  const noise = noiseOctets(uniformStream(seed), lengthMs);
  const clock = new SimulatedClock();
  const numbers = Array.from({ length: 2 * calls }, (_, index) => String(5_550_100 + index));
  const lines = numbers.map((number) => ({
    number,
    rate: 33_600,
    delayMs: 30,
    bitErrorRate: 0,
    callerId: 'none' as const,
  }));
  const network = new Network({ lines, timeScale: 1, seed }, { clock, observe: () => {} });
  const stations = numbers.map((number) => new VoiceStation(network.line(number), clock, noise));
  for (const [index, station] of stations.entries()) {
    if (index % 2 === 0) station.dial(numbers[index + 1] ?? '');
  }
  clock.advance(callLimitMs);
  for (const station of stations) station.openStream();
  const samples = decodeMuLaw(noise);
  return {
    stream: processorSeconds(() => clock.advance(lengthMs)) / ((lengthMs / 1_000) * stations.length),
    detectors: processorSeconds(() => listen(samples)) / (samples.length / sampleRate),
  };
}

/** A program that plays the same again and again, and reads what comes. */
class VoiceStation implements DtePort {
  readonly #modem: SimulatedModem;
  readonly #sound: Uint8Array;
  #isStreaming = false;
  #at = 0;

  constructor(line: SubscriberLine, clock: Clock, octets: Uint8Array) {
    this.#sound = shielded(octets);
    this.#modem = new SimulatedModem({ line, clock, maxRate: 33_600, profile: profiles.generic });
    this.#modem.plug(this);
    this.#modem.dtr(true);
    this.#command('ATE0S0=1+FCLASS=8;+VSM=4,8000');
  }

  dial(number: string): void {
    this.#command(`ATDT${number}`);
  }

  openStream(): void {
    this.#command('AT+VTR');
    if (!this.#isStreaming) throw new Error('a voice call did not come about');
    this.resume();
  }

  // ---- DtePort ----

  send(octets: Uint8Array): void {
    if (!this.#isStreaming) this.#isStreaming = Buffer.from(octets).includes('CONNECT');
  }

  resume(): void {
    if (!this.#isStreaming) return;
    for (;;) {
      const rest = this.#sound.subarray(this.#at);
      const taken = this.#modem.received(rest);
      this.#at = (this.#at + taken) % this.#sound.length;
      if (taken < rest.length) return;
    }
  }

  circuits(): void {}

  /** All is read at once. */
  pending(): number {
    return 0;
  }

  #command(text: string): void {
    this.#modem.received(Buffer.from(`${text}\r`, 'latin1'));
  }
}

function noiseOctets(chance: Uniform, lengthMs: number): Uint8Array {
  return Uint8Array.from({ length: lengthMs * samplesPerMs }, () => Math.floor(256 * chance()));
}

function listen(samples: Int16Array): void {
  const [digits, tones] = [new DtmfDetector(), new ToneDetector()];
  for (let at = 0; at < samples.length; at += frameSamples) {
    const frame = samples.subarray(at, at + frameSamples);
    digits.push(frame);
    tones.push(frame);
  }
}

function processorSeconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
