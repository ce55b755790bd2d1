import type { BindingInterface } from '@serialport/bindings-interface';
import { silentLog } from '../../../log/log.js';
import type { Clock } from '../../../time/clock.js';
import { wait } from '../../../time/clock.js';
import { reachModem, understand } from '../configure.js';
import { putOnHook } from '../hang-up.js';
import { type LineUrl, parseLineUrl } from '../line-url.js';
import { openLine } from '../open-line.js';
import type { SerialLine } from '../serial-line.js';
import { adviceFor } from './advice.js';
import { Conversation } from './conversation.js';
import type { LineReport, ProfileName, Step } from './line-report.js';
import { lockHolder } from './lock-file.js';
import { askData, askDialTone, askHangUp, askIdentity, askServices, askVoice, step } from './questions.js';
import { otherSpeeds } from './speeds.js';
import { adviseNoModem, sayNoModem, whatAnswers } from './what-answers.js';
import { whyNotOpen } from './why-not-open.js';

export interface LineCheckOptions {
  readonly clock: Clock;
  /** Goes off-hook to listen for a dial tone. */
  readonly offHook: boolean;
  /** Each step as soon as it is known. */
  onStep(step: Step): void;
  /** Ends the check behind the question that is under way; on-hook as always. */
  readonly signal?: AbortSignal;
  /** The simulated telephone network of this process, for `sim:` lines. */
  readonly simBinding?: BindingInterface;
}

/** What speaks without being asked has spoken by then. */
const quietMs = 700;
const probeMs = 1_000;

/** Talks to the modem on a line, by questions alone, and says what it can do. On-hook at the end, whatever was found. */
export async function checkLine(url: string, options: LineCheckOptions): Promise<LineReport> {
  const steps: Step[] = [];
  const tell = (each: Step) => {
    steps.push(each);
    options.onStep(each);
  };
  const ends = (verdict: LineReport['verdict'], advice: readonly string[], profile?: ProfileName) => ({
    line: url,
    verdict,
    steps,
    profile,
    advice,
  });
  const parsed = parseLineUrl(url);
  if (parsed.kind === 'invalid') {
    tell(step('port', 'no', parsed.problem));
    return ends('unavailable', []);
  }
  const holder =
    parsed.kind === 'serial' || parsed.kind === 'pty' ? await lockHolder(parsed.path) : undefined;
  if (holder !== undefined) {
    tell(step('port', 'no', `process ${holder} uses it, by its lock file`));
    return ends('unavailable', [`End that program first: \`ps -fp ${holder}\` shows what it is.`]);
  }
  let opened: Opened;
  try {
    opened = await openedLine(parsed, options);
  } catch (cause) {
    const { reason, advice } = await whyNotOpen(parsed, cause);
    tell(step('port', 'no', `cannot be opened: ${reason}`));
    return ends('unavailable', [advice]);
  }
  const speed = parsed.kind === 'serial' ? ` at ${parsed.baudRate} bit/s` : '';
  tell(step('port', 'yes', [`opened${speed}`, ...opened.line.remarks].join('; ')));
  tell(await circuitsOf(opened.line));

  const found = await findAtSomeSpeed(opened, parsed, options);
  if (found.kind === 'none') {
    tell(step('answers', 'no', found.said));
    return ends('no-modem', [found.advice]);
  }
  tell(step('answers', 'yes', found.said));
  const { talk } = found;
  try {
    const profile = await askAll(talk, tell, options);
    if (talk.isLost)
      return ends('unavailable', [
        'The port went away in the middle: plug the adapter in firmly, and try again.',
      ]);
    const advice = profile ? adviceFor(parsed, profile, steps) : [];
    return ends('modem', [...found.advice, ...advice], profile);
  } finally {
    await leave(talk);
  }
}

interface Opened {
  readonly line: SerialLine;
  readonly talk: Conversation;
}

async function openedLine(url: LineUrl, { clock, simBinding }: LineCheckOptions): Promise<Opened> {
  const { line, timing } = await openLine(url, { clock, log: silentLog, simBinding });
  return { line, talk: new Conversation(line, timing, clock) };
}

async function circuitsOf(line: SerialLine): Promise<Step> {
  const circuits = await line.circuits();
  if (!circuits) return step('circuits', 'no', 'this port shows none; NO CARRIER and silence will end calls');
  const state = (['cts', 'dsr', 'dcd'] as const)
    .map((name) => `${name.toUpperCase()} ${circuits[name] ? 'on' : 'off'}`)
    .join(', ');
  const warning = circuits.dcd
    ? '; DCD without a call is strapped on, or a call is still up'
    : circuits.cts
      ? ''
      : '; CTS off: a modem that is switched off, or a cable without it';
  return step('circuits', 'yes', state + warning);
}

type Found =
  | {
      readonly kind: 'modem';
      readonly talk: Conversation;
      readonly said: string;
      readonly advice: readonly string[];
    }
  | { readonly kind: 'none'; readonly said: string; readonly advice: string };

async function findAtSomeSpeed(opened: Opened, url: LineUrl, options: LineCheckOptions): Promise<Found> {
  const atFirst = await findModem(opened, options.clock);
  if (atFirst.kind === 'modem' || !atFirst.mayBeSpeed) return atFirst;
  for (const other of otherSpeeds(url)) {
    if (options.signal?.aborted) break;
    const again = await openedLine(other, options).catch(() => undefined);
    if (!again) break;
    if (await answersAt(again.talk)) {
      const advice = `Write ?baud=${other.baudRate} into the URL.`;
      return { kind: 'modem', talk: again.talk, said: `at ${other.baudRate} bit/s only`, advice: [advice] };
    }
    await again.line.close();
  }
  return atFirst;
}

async function answersAt(talk: Conversation): Promise<boolean> {
  for (let tries = 0; tries < 2; tries++) {
    if ((await talk.ask(understand, probeMs)).kind === 'ok') return true;
  }
  return false;
}

/** Politely first: what is no modem is not sent more than a few AT. Closes the line where it finds none. */
async function findModem({ line, talk }: Opened, clock: Clock): Promise<Found & { mayBeSpeed?: boolean }> {
  await wait(clock, quietMs);
  const unasked = talk.heard.count;
  const first = await talk.ask('AT', probeMs);
  const answers = first.kind === 'ok' || (await answersAt(talk));
  const heard = () => whatAnswers(talk.heard.octets, talk.sent);
  if (!answers) {
    const other = heard().kind;
    if (other !== 'login' && other !== 'talker' && (await reached(talk))) {
      return {
        kind: 'modem',
        talk,
        said: 'after it was brought on-hook: a call was left standing',
        advice: [],
      };
    }
    const found = heard();
    await line.close();
    const mayBeSpeed = found.kind === 'silence' || found.kind === 'noise';
    return { kind: 'none', said: sayNoModem(found), advice: adviseNoModem(found), mayBeSpeed };
  }
  await talk.ask(understand);
  const echo = talk.heard.octets.includes('AT\r') ? 'with echo' : 'without echo';
  const noise = unasked > 0 ? `; ${unasked} octets came before anything was asked` : '';
  return { kind: 'modem', talk, said: `OK ${echo}${noise}`, advice: [] };
}

async function reached(talk: Conversation): Promise<boolean> {
  return reachModem(talk.tools, '').then(
    () => true,
    () => false,
  );
}

/** @returns the profile, or undefined when the check was ended or the port went away */
async function askAll(
  talk: Conversation,
  tell: (step: Step) => void,
  { signal, offHook }: LineCheckOptions,
): Promise<ProfileName | undefined> {
  const isOver = () => talk.isLost || signal?.aborted === true;
  await talk.ask('ATZ');
  await talk.ask(understand);
  const { steps, profile } = await askIdentity(talk);
  steps.forEach(tell);
  const rounds = [
    () => askData(talk),
    () => askVoice(talk),
    () => askServices(talk, profile),
    () => askHangUp(talk),
    async () => [
      offHook
        ? await askDialTone(talk)
        : step('dial-tone', 'unknown', 'not tried: it takes going off-hook (--off-hook)'),
    ],
  ];
  for (const round of rounds) {
    if (isOver()) return undefined;
    for (const each of await round()) tell(each);
  }
  return profile;
}

/** On-hook and as the modem's own profile has it. */
async function leave(talk: Conversation): Promise<void> {
  const { line } = talk.tools;
  if (!talk.isLost) {
    await putOnHook(talk.tools, false);
    await talk.ask('ATZ');
  }
  await line.close();
}
