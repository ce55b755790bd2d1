import { Command } from 'commander';
import type { Peer } from '../endpoint/address-book.js';
import type { CallLogRow } from '../endpoint/call-log.js';
import type { InboxSession } from '../endpoint/inbox.js';
import { listDamaged, listUnfinished, type UnfinishedTransfer } from '../endpoint/transfers/spool-list.js';
import type { ReceivedFile } from '../session/session.js';
import { addHomeOptions, type HomeOptions, withEndpoint } from './open-endpoint.js';
import { printable, textTable } from './table.js';

type LogOptions = HomeOptions & { readonly json?: true };

export function inboxCommand(): Command {
  return logCommand('inbox', 'received sessions with their files', async (options) => {
    await withEndpoint(options, async (endpoint) => {
      const sessions = await endpoint.inboxSessions();
      if (options.json) printJson({ v: 1, sessions });
      else if (sessions.length === 0) print(`Nothing yet. Received files will stand in ${endpoint.inbox}.`);
      else printSessions(sessions);
    });
  });
}

export function sentCommand(): Command {
  return logCommand(
    'sent',
    'the Send Log: what was delivered, what only went out, what did not and why, and what is unfinished',
    (options) =>
      withEndpoint(options, async ({ sendLog, paths, addressBook }) => {
        const [rows, unfinished, damaged] = await Promise.all([
          sendLog.read(),
          listUnfinished(paths.spool),
          listDamaged(paths.spool),
        ]);
        if (options.json) return printJson({ v: 1, rows, unfinished, damaged });
        printLog(rows, options);
        if (unfinished.length > 0) printUnfinished(unfinished, await addressBook.list());
        if (damaged.length > 0) printDamaged(damaged);
      }),
  );
}

function printUnfinished(unfinished: readonly UnfinishedTransfer[], peers: readonly Peer[]): void {
  const rows = unfinished.map(({ peer, begunAt, names }) => [
    minute(begunAt),
    printable(peers.find(({ account }) => account === peer)?.name ?? '-'),
    peer,
    printable(names.slice(0, 3).join(', ')) + (names.length > 3 ? ` and ${names.length - 3} more` : ''),
  ]);
  print(`\nUnfinished; \`cordboard send PEER --resume\` goes on with them:`);
  print(textTable(['begun (UTC)', 'peer', 'account', 'files'], rows));
}

function printDamaged(folders: readonly string[]): void {
  print(
    '\nDamaged, so that it is not known what was to be sent, nor to whom. Send it again, then delete the folder:',
  );
  for (const folder of folders) print(`  ${folder}`);
}

export function receivedCommand(): Command {
  return logCommand('received', 'the Receive Log: what came in, and what did not and why', (options) =>
    withEndpoint(options, async ({ receiveLog }) => printLog(await receiveLog.read(), options)),
  );
}

function logCommand(
  name: string,
  description: string,
  action: (options: LogOptions) => Promise<void>,
): Command {
  return addHomeOptions(new Command(name))
    .description(description)
    .option('--json', 'one JSON document')
    .action(action);
}

function printLog(rows: readonly CallLogRow[], options: LogOptions): void {
  if (options.json) printJson({ v: 1, rows });
  else print(rows.length === 0 ? 'Nothing yet.' : logTable(rows));
}

function logTable(rows: readonly CallLogRow[]): string {
  const headings = [
    ...['ended (UTC)', 'peer', 'account', 'what', 'version', 'outcome', 'step', 'octets', 'seconds', 'why'],
  ];
  const cells = rows.map((row) => [
    minute(row.at),
    printable(row.name ?? '-'),
    row.peer ?? '-',
    row.protocol === 'none' ? 'call' : row.protocol,
    row.version === null ? '-' : String(row.version),
    row.outcome === 'sent' && row.receipt !== null ? 'delivered' : row.outcome,
    row.step ?? '-',
    row.octets === null ? '-' : String(row.octets),
    row.durationSeconds === null ? '-' : row.durationSeconds.toFixed(1),
    printable(row.reason ?? ''),
  ]);
  return textTable(headings, cells);
}

function printSessions(sessions: readonly InboxSession[]): void {
  for (const session of sessions) {
    print(`${minute(session.receivedAt)}  ${printable(session.name)} (${session.account})  ${session.path}`);
    printFiles(session.files);
  }
}

function printFiles(files: readonly ReceivedFile[]): void {
  for (const file of files) {
    print(`    ${String(file.size).padStart(10)}  ${minute(file.mtime)}  ${printable(file.name)}`);
  }
}

const minute = (time: Date) => time.toISOString().slice(0, 16).replace('T', ' ');

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 1));
}
