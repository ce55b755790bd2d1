import type { Log } from '../../log/log.js';
import type { Clock } from '../../time/clock.js';
import { wait } from '../../time/clock.js';
import { ModemUnavailable } from '../modem/configure.js';
import type { MessageChannel } from './message-channel.js';

const replyMs = 5_000;
const probeMs = 1_000;
const probeTries = 4;
const simTries = 10;
const simWaitMs = 1_000;
const registrationTries = 15;
const registrationWaitMs = 1_000;

/**
 * Tries in this order: messages to memory and told by `+CMTI`, reports told at once; then what cheaper modems take.
 * Where none is taken, nothing is told and the rounds find what has come.
 */
const indications = ['2,1,0,1,0', '1,1,0,1,0', '2,1,0,2,0', '2,1,0,0,0', '1,1,0,0,0'];

/** Must not be tried again by itself. */
export class PinRefused extends ModemUnavailable {}

/** What a modem at work was set to, so that it can be asked whether it still is. */
export interface MessagingSetup {
  readonly indications: string | undefined;
}

/**
 * Finds the modem in whatever state it was left, unlocks its SIM, and sets all that the driver relies on.
 * Rejects with `ModemUnavailable`, whose message is for the operator. A PIN is tried once: three wrong ones lock a SIM.
 */
export async function setUpMessaging(
  channel: MessageChannel,
  world: { readonly url: string; readonly clock: Clock; readonly log: Log; readonly pin: string | undefined },
): Promise<MessagingSetup> {
  const { url, log } = world;
  await find(channel, url);
  const takes = async (command: string) => (await channel.command(command, replyMs)).kind === 'ok';
  await takes('AT+CMEE=1');
  // A GSM modem without its PIN refuses with a code; another modem does not know the command.
  const known = await channel.command('AT+CMGF=?', replyMs);
  if (known.kind === 'error' && known.code === undefined) throw new ModemUnavailable(noMessages(url));
  await unlock(channel, world);
  if (!(await takes('AT+CMGF=0'))) throw new ModemUnavailable(noMessages(url));
  await awaitRegistration(channel, world);
  await takes('AT+CSMS=0');
  for (const memory of ['SM', 'ME']) if (await takes(`AT+CPMS="${memory}","${memory}","${memory}"`)) break;
  for (const values of indications) if (await takes(`AT+CNMI=${values}`)) return { indications: values };
  log.warn({ line: url }, 'the modem tells nothing of messages that come: they are found once a minute');
  return { indications: undefined };
}

/** False when the modem has been reset, or does not answer. */
export async function isSetUp(channel: MessageChannel, setup: MessagingSetup): Promise<boolean> {
  const format = await channel.command('AT+CMGF?', replyMs, '+CMGF:');
  if (format.kind !== 'ok' || !format.lines.some((line) => /^\+CMGF:\s*0$/.test(line))) return false;
  if (setup.indications === undefined) return true;
  const told = await channel.command('AT+CNMI?', replyMs, '+CNMI:');
  return (
    told.kind === 'ok' && told.lines.some((line) => line.replace(/^\+CNMI:\s*/, '') === setup.indications)
  );
}

async function find(channel: MessageChannel, url: string): Promise<void> {
  for (let tries = 0; tries < probeTries; tries++) {
    await channel.resynchronise();
    if ((await channel.command('ATE0Q0V1', probeMs)).kind === 'ok') return;
  }
  throw new ModemUnavailable(
    `No modem answers at ${url}: the port is open, but AT commands get no OK. ` +
      'Check that the modem is switched on, that the cable and the speed are right, and that no other program uses it.',
  );
}

/** A modem that was switched on now, or unlocked, searches for some seconds; without a network it is set up all the same. */
async function awaitRegistration(
  channel: MessageChannel,
  { url, clock, log }: { readonly url: string; readonly clock: Clock; readonly log: Log },
): Promise<void> {
  for (let tries = 0; tries < registrationTries; tries++) {
    const answer = await channel.command('AT+CREG?', replyMs, '+CREG:');
    // Home or roaming; a modem that does not tell is not waited for.
    if (answer.kind !== 'ok' || answer.lines.some((line) => /^\+CREG:\s*\d,\s*[15]\b/.test(line))) return;
    await wait(clock, registrationWaitMs);
  }
  log.warn({ line: url }, 'the GSM modem is not registered with a network: check antenna, SIM and coverage');
}

async function unlock(
  channel: MessageChannel,
  { url, clock, pin }: { readonly url: string; readonly clock: Clock; readonly pin: string | undefined },
): Promise<void> {
  let isEntered = false;
  for (let tries = 0; tries < simTries; tries++) {
    const state = await channel.command('AT+CPIN?', replyMs, '+CPIN:');
    const told = state.kind === 'ok' ? (state.lines.find((line) => line.startsWith('+CPIN:')) ?? '') : '';
    if (told.endsWith('READY')) return;
    if (told.endsWith('SIM PUK')) throw new ModemUnavailable(locked(url));
    if (told.endsWith('SIM PIN') && !isEntered) {
      if (pin === undefined)
        throw new ModemUnavailable(`The SIM in the modem at ${url} wants its PIN: give it.`);
      isEntered = true;
      const answer = await channel.command(`AT+CPIN="${pin}"`, replyMs, '+CPIN:');
      if (answer.kind === 'error') {
        throw new PinRefused(
          `The SIM in the modem at ${url} refuses the PIN that was given. It was tried once; three wrong ones lock the SIM.`,
        );
      }
    }
    // A SIM takes some seconds after power-on and after its PIN.
    await wait(clock, simWaitMs);
  }
  throw new ModemUnavailable(
    `The modem at ${url} cannot use its SIM: check that there is one and that it sits well.`,
  );
}

function noMessages(url: string): string {
  return `The modem at ${url} knows no short messages (AT+CMGF). It must be a GSM modem, with a SIM.`;
}

function locked(url: string): string {
  return `The SIM in the modem at ${url} is locked and wants its PUK: unlock it in a telephone.`;
}
