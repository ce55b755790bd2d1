import type { Log } from '../../log/log.js';
import { dropDtr, escapeGuardMs, type HangUpTools, sendBufferMs } from './hang-up.js';

/** The modem, or the way to it, does not work; the message is for the operator. */
export class ModemUnavailable extends Error {
  override readonly name = 'ModemUnavailable';
}

/** No echo, result codes, in words: the probe, since it makes itself understood. */
export const understand = 'ATE0Q0V1';
const replyMs = 1_000;
const resetMs = 3_000;
const probeTries = 2;

/** Finds the modem in whatever state it was left, and resets it to its stored profile. */
export async function findModem(tools: HangUpTools, url: string): Promise<void> {
  await reachModem(tools, url);
  // Its result code may be switched off by the very profile that it loads.
  await tools.channel.execute('ATZ', { timeoutMs: resetMs });
  if (!(await answers(tools))) throw new ModemUnavailable(noAnswer(url));
}

/** It may be silent, quiet, echoing, or in a call of a program or a connection that died (fault 41: retries, then a clear error). */
export async function reachModem(tools: HangUpTools, url: string): Promise<void> {
  if ((await answers(tools)) || (await answersAfter(dropDtr(tools, false), tools))) return;
  const escaped = tools.channel.escape(escapeGuardMs);
  if (!(await answersAfter(escaped, tools))) throw new ModemUnavailable(noAnswer(url));
  await takes(tools, 'ATH', sendBufferMs);
}

/** Sets all that the driver relies on; also done anew when the port was closed and opened again. */
export async function configureModem(tools: HangUpTools, url: string, log: Log): Promise<void> {
  await reachModem(tools, url);
  for (const setting of settingsFor(tools)) {
    if (await takes(tools, setting.command)) continue;
    if (setting.instead && (await takes(tools, setting.instead))) continue;
    log.info({ line: url, command: setting.command }, `the modem refuses a setting: ${setting.without}`);
  }
}

/** The operator's own commands; one that the modem refuses is a mistake worth stopping for. */
export async function initialiseModem(
  tools: HangUpTools,
  url: string,
  commands: readonly string[],
): Promise<void> {
  for (const command of commands) {
    const line = /^AT/i.test(command) ? command : `AT${command}`;
    if (!(await takes(tools, line, resetMs))) {
      throw new ModemUnavailable(
        `The modem at ${url} refuses the initialisation command "${line}". Correct it or take it out.`,
      );
    }
  }
}

interface Setting {
  readonly command: string;
  /** Another maker's word for it. */
  readonly instead?: string;
  /** What is missing without it. */
  readonly without: string;
}

function settingsFor(tools: HangUpTools): readonly Setting[] {
  return [
    // X5 of U.S. Robotics and others: RINGING, by which a call that nobody takes is told from one without a modem.
    { command: 'ATX5', instead: 'ATX4', without: 'busy and a missing dial tone are not told apart' },
    { command: 'AT&C1&D2', without: 'the carrier circuit and DTR may do nothing' },
    { command: 'ATS0=0', without: 'it may answer by itself' },
    { command: 'AT&K3', instead: 'AT+IFC=2,2', without: 'RTS/CTS flow control may be off' },
    { command: 'ATS38=20', without: 'it may hang up before its buffer is sent' },
    // With DTR for hanging up, no octets of a file can act as the escape (fault 36); without it there must be one.
    tools.line.canDropDtr === 'yes'
      ? { command: 'ATS2=255', without: '+++ in a file may act as the escape' }
      : { command: 'ATS2=43S12=50', without: 'the escape may not work' },
    { command: 'AT+ER=1', without: 'it does not tell whether a connection is error-free' },
    { command: 'AT+MR=1', without: "it may tell its port's rate for the line's" },
    { command: 'AT+FCLASS=0', without: 'it knows data only' },
    { command: 'AT+VCID=1', instead: 'AT#CID=1', without: 'there is no caller ID' },
  ];
}

async function answers(tools: HangUpTools): Promise<boolean> {
  for (let tries = 0; tries < probeTries; tries++) {
    if (await takes(tools, understand)) return true;
  }
  return false;
}

async function answersAfter(measure: Promise<void>, tools: HangUpTools): Promise<boolean> {
  await measure;
  return answers(tools);
}

async function takes(tools: HangUpTools, command: string, timeoutMs = replyMs): Promise<boolean> {
  const reply = await tools.channel.execute(command, { timeoutMs });
  return reply.kind === 'result' && reply.code.kind === 'ok';
}

function noAnswer(url: string): string {
  return (
    `No modem answers at ${url}: the port is open, but AT commands get no OK. ` +
    'Check that the modem is switched on, that the cable and the speed are right, and that no other program uses it.'
  );
}
