import { readFile } from 'node:fs/promises';
import { codeOf } from './endpoint-error.js';

/**
 * Names this process among all that ever had its pid, where the system tells when a process began
 * (`1234-567890`; elsewhere `1234-0`): a pid in a stale lock may belong to somebody else by now (fault 73).
 */
export async function ownIdentity(): Promise<string> {
  return `${process.pid}-${(await startOf(process.pid)) ?? 0}`;
}

/** Whether the process of that identity still runs. What does not name a process is taken for dead. */
export async function isAlive(identity: string): Promise<boolean> {
  const [, pidText, begun] = /^(\d{1,10})-(\d+)$/.exec(identity) ?? [];
  if (pidText === undefined) return false;
  const pid = Number(pidText);
  if (!exists(pid)) return false;
  const start = await startOf(pid);
  return start === undefined || begun === '0' || start === begun;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return codeOf(cause) === 'EPERM';
  }
}

/** Ticks from boot to the start of the process: field 22 of /proc/PID/stat, counted after the name's `)`. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
