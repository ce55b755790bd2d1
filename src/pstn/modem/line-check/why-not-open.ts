import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { LineUrl } from '../line-url.js';

/** Why a port did not open, and what to do, for the person in front of it. */
export interface WhyNot {
  readonly reason: string;
  readonly advice: string;
}

/** @param cause what the opening ended with */
export async function whyNotOpen(url: LineUrl, cause: unknown): Promise<WhyNot> {
  switch (url.kind) {
    case 'serial':
    case 'pty':
      return pathReason(url.kind, url.path, cause);
    case 'tcp':
    case 'rfc2217':
      return networkReason(url, cause);
    case 'sim':
      return {
        reason: 'it is inside the server',
        advice: 'Check a line that other programs can open: serial:, pty:, tcp: or rfc2217:.',
      };
  }
}

/** serialport gives sentences without a code, so the system is asked once more. */
async function pathReason(kind: 'serial' | 'pty', path: string, cause: unknown): Promise<WhyNot> {
  const code = (await codeOfOpening(path)) ?? codeOf(cause);
  const known = code === undefined ? undefined : pathReasons[code];
  if (known) return { reason: known.reason, advice: known.advice(path) };
  if (code === undefined && kind === 'serial') {
    return {
      reason: 'another program has locked it',
      advice: `End that program first; \`fuser ${path}\` shows which it is.`,
    };
  }
  return { reason: messageOf(cause), advice: 'Check the path, and that the device is what you think it is.' };
}

const pathReasons: Readonly<
  Record<string, { readonly reason: string; readonly advice: (path: string) => string }>
> = {
  ENOENT: {
    reason: 'there is no such device',
    advice: () =>
      'Plug the adapter in and look for its name in /dev/serial/by-id; for a pty, start the program that makes it.',
  },
  ENXIO: { reason: 'its device is gone', advice: () => 'Plug the adapter in again.' },
  ENODEV: { reason: 'its device is gone', advice: () => 'Plug the adapter in again.' },
  EIO: { reason: 'the device does not answer', advice: () => 'Unplug the adapter and plug it in again.' },
  EACCES: {
    reason: 'this user may not use it',
    advice: (path) =>
      `\`ls -l ${path}\` shows its group, dialout as a rule: \`sudo usermod -aG dialout $USER\`, then log in again.`,
  },
  EPERM: {
    reason: 'this user may not use it',
    advice: () => 'Ask who runs this machine for the right to use it.',
  },
  EBUSY: {
    reason: 'another program has it open',
    advice: (path) => `End that program first; \`fuser ${path}\` shows which it is.`,
  },
  'not-a-device': {
    reason: 'it is no serial port',
    advice: () => 'Give the path of a device, such as /dev/ttyUSB0.',
  },
};

async function codeOfOpening(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isCharacterDevice()) return 'not-a-device';
    // A port without a carrier opens at once, and does not become this program's terminal.
    await (await open(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY)).close();
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function networkReason({ host, port, kind }: Extract<LineUrl, { host: string }>, cause: unknown): WhyNot {
  const known = networkReasons[codeOf(cause) ?? ''];
  if (known) return { reason: known.reason, advice: known.advice(host, port) };
  return {
    reason: messageOf(cause),
    advice:
      kind === 'tcp'
        ? 'Check host and port, and that the other side is running.'
        : 'Check host and port, and that the port server is set to RFC 2217 there.',
  };
}

const networkReasons: Readonly<
  Record<string, { readonly reason: string; readonly advice: (host: string, port: number) => string }>
> = {
  ENOTFOUND: {
    reason: 'no such host is known',
    advice: (host) => `Check the spelling of ${host}, or give its address.`,
  },
  EAI_AGAIN: {
    reason: 'the name service does not answer',
    advice: (host) => `Check this machine's network, or give the address of ${host}.`,
  },
  ECONNREFUSED: {
    reason: 'nothing listens there',
    advice: (host, port) =>
      `Start the port server on ${host}, or check that it listens on port ${port} for this machine.`,
  },
  ECONNRESET: {
    reason: 'the other side broke the connection',
    advice: () => 'Look at the log of the port server.',
  },
  EHOSTUNREACH: { reason: 'the host cannot be reached', advice: () => 'Check cable, route and firewall.' },
  ENETUNREACH: { reason: 'the network cannot be reached', advice: () => "Check this machine's network." },
  ETIMEDOUT: {
    reason: 'the host does not answer',
    advice: () => 'Check that it is on, and the firewall between.',
  },
};

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/^Error: |\.$/g, '') : String(cause);
}
