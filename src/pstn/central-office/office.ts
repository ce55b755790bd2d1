import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import type { NetworkEvent, Observer } from './events.js';
import { GsmModem } from './gsm/gsm-modem.js';
import { MessageCentre } from './gsm/message-centre.js';
import type { PersonalityHost } from './modem/personality.js';
import { profiles } from './modem/profiles/by-name.js';
import { SimulatedModem } from './modem/simulated-modem.js';
import { Network, type NetworkLine } from './network.js';
import type { OfficeLineOptions, OfficeOptions } from './options.js';
import { loadLibc } from './ports/libc.js';
import { PtyPoller } from './ports/pty-poller.js';
import { PtyPort } from './ports/pty-port.js';
import { SimPort } from './ports/sim-port.js';
import { TcpPort } from './ports/tcp-port.js';
import { uniformStream } from './random-stream.js';
import { isTelephoneAction, type ScenarioEvent } from './scenario/scenario.js';
import { ScenarioRun } from './scenario/scenario-run.js';
import type { SubscriberLine } from './subscriber-line.js';

export interface OfficeWorld {
  readonly clock: Clock;
  readonly log: Log;
  /** Gives the seed where the options name none: `length` octets. */
  random?(length: number): Uint8Array;
  /** Is told whatever happens in the network, from within. */
  readonly observe?: Observer;
}

const defaultRate = 33_600;

/** The simulated telephone network: exchanges, and on every line a modem with a serial port. */
export class Office {
  readonly #options: OfficeOptions;
  readonly #world: OfficeWorld;
  readonly #network: Network;
  readonly #modems = new Map<string, SimulatedModem>();
  readonly #messageCentre: MessageCentre;
  readonly #mobiles = new Map<string, GsmModem>();
  readonly #simPorts = new Map<string, SimPort>();
  readonly #exposed: { close(): void | Promise<void> }[] = [];
  #poller: PtyPoller | undefined;

  /** Throws on a number that is not digits only, or given twice. */
  constructor(options: OfficeOptions, world: OfficeWorld) {
    this.#options = options;
    this.#world = world;
    const seed = options.seed ?? drawnSeed(world);
    const { timeScale } = options;
    this.#network = new Network(
      { ...options, lines: options.lines.map(networkLine), seed },
      { clock: world.clock, observe: (event) => this.#observed(event) },
    );
    this.#messageCentre = new MessageCentre({
      clock: world.clock,
      timeScale,
      chance: uniformStream(seed),
      options: options.messageCentre,
    });
    for (const line of options.lines) this.#install(line);
    world.log.debug({ lines: options.lines.length, seed }, 'simulated network in service');
  }

  /** The bare line, where a test may plug in equipment of its own or inject faults. */
  line(number: string): SubscriberLine {
    return this.#network.line(number);
  }

  /** What is cellular about a `gsm` line's modem, where a test may take its coverage away, or restart it. */
  mobile(number: string): GsmModem {
    const mobile = this.#mobiles.get(number);
    if (!mobile)
      throw new Error(`No line of the simulated network with the number ${number} has a GSM modem.`);
    return mobile;
  }

  /** The serial port of a line's modem, in this process. Throws when there is no such line or it is exposed. */
  port(number: string): SimPort {
    const port = this.#simPorts.get(number);
    if (port) return port;
    const line = this.#options.lines.find((it) => it.number === number);
    throw new Error(
      line
        ? `Line ${number} is exposed as ${line.expose}; open that instead of sim:${number}.`
        : `No line of the simulated network has the number ${number}, so there is no sim:${number}.`,
    );
  }

  /**
   * Makes the TCP ports and pseudo-terminals of the exposed lines. Rejects, and leaves none, when one fails: a port
   * that is taken is told before any link is there to be opened.
   */
  async open(): Promise<void> {
    try {
      for (const isPty of [false, true]) {
        for (const { number, expose } of this.#options.lines) {
          if (expose?.startsWith('pty:') === isPty) await this.#expose(number, expose);
        }
      }
    } catch (error) {
      await this.#closePorts();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#closePorts();
    for (const port of this.#simPorts.values()) port.close();
    for (const modem of this.#modems.values()) modem.close();
    for (const mobile of this.#mobiles.values()) mobile.close();
    this.#messageCentre.close();
  }

  /**
   * Begins a scenario. A line on which a telephone of it acts has that in place of its modem. Throws on a line that is not there,
   * or that is exposed to programs.
   */
  play(events: readonly ScenarioEvent[]): ScenarioRun {
    for (const { line: number, action } of events) {
      const exposed = this.#options.lines.find((line) => line.number === number && line.expose !== undefined);
      if (exposed && isTelephoneAction(action)) {
        throw new Error(
          `The scenario has a telephone ${action.do} on line ${number}, which is exposed to programs as ${exposed.expose}; use a line without "expose".`,
        );
      }
    }
    return new ScenarioRun(events, (number) => this.line(number), this.#world.clock);
  }

  #observed(happened: NetworkEvent): void {
    this.#world.observe?.(happened);
    const { event, ...what } = happened;
    const fields = Object.entries(what).map(([key, value]) => [
      key,
      Array.isArray(value) ? value.join(' ') : value,
    ]);
    this.#world.log.debug(Object.fromEntries(fields), event);
  }

  #install(options: OfficeLineOptions): void {
    const { number, expose, rate = defaultRate, modem: make = 'generic' } = options;
    const { clock, log } = this.#world;
    const modem = new SimulatedModem({
      line: this.#network.line(number),
      clock,
      maxRate: rate,
      profile: profiles[make === 'gsm' ? 'generic' : make],
      log,
      ...(make === 'gsm' && { personality: (host) => this.#mobileOn(options, host) }),
    });
    this.#modems.set(number, modem);
    if (expose !== undefined) return;
    const port = new SimPort(number, modem);
    this.#simPorts.set(number, port);
    modem.plug(port);
  }

  #mobileOn({ number, pin }: OfficeLineOptions, host: PersonalityHost): GsmModem {
    const { timeScale } = this.#options;
    const { clock } = this.#world;
    const mobile = new GsmModem({ number, pin, clock, timeScale, centre: this.#messageCentre, host });
    this.#mobiles.set(number, mobile);
    return mobile;
  }

  async #expose(number: string, url: string): Promise<void> {
    const modem = this.#modems.get(number);
    if (!modem) return;
    const port = await (url.startsWith('pty:')
      ? this.#openPty(url, modem)
      : openTcp(url, modem, this.#world));
    this.#exposed.push(port);
    modem.plug(port);
    this.#world.log.info({ line: number, at: url }, 'line exposed');
  }

  async #openPty(url: string, modem: SimulatedModem): Promise<PtyPort> {
    this.#poller ??= new PtyPoller(await loadLibc(), this.#world.clock);
    return new PtyPort(url.slice('pty:'.length), modem, this.#poller, this.#world);
  }

  async #closePorts(): Promise<void> {
    for (const port of this.#exposed.splice(0)) await port.close();
  }
}

async function openTcp(url: string, modem: SimulatedModem, world: OfficeWorld): Promise<TcpPort> {
  if (!url.startsWith('tcp:')) {
    throw new Error(`A line is exposed as pty:/path/to/link or tcp://127.0.0.1:port; "${url}" is neither.`);
  }
  const port = new TcpPort(url, modem, world);
  await port.open();
  return port;
}

function networkLine(line: OfficeLineOptions): NetworkLine {
  return {
    number: line.number,
    ...(line.exchange !== undefined && { exchange: line.exchange }),
    ...(line.hunt !== undefined && { hunt: line.hunt }),
    rate: line.rate ?? defaultRate,
    delayMs: line.delayMs ?? 0,
    bitErrorRate: line.bitErrorRate ?? 0,
    callerId: line.callerId ?? 'number',
    ...(line.ring && { ring: line.ring }),
    services: line.services ?? [],
    impairments: line.impairments ?? {},
  };
}

function drawnSeed({ random }: OfficeWorld): number {
  const [a = 0, b = 0, c = 0, d = 0] = random?.(4) ?? [];
  return (a << 24) | (b << 16) | (c << 8) | d;
}
