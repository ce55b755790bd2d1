import type { Endpoint } from './endpoint.js';

/**
 * A process may die between filing a session and writing its row: the inbox then has what the Receive Log lacks.
 * Called before listening.
 */
export async function reconcileInbox(endpoint: Endpoint): Promise<void> {
  const [sessions, rows] = await Promise.all([endpoint.inboxSessions(), endpoint.receiveLog.read()]);
  for (const { folder, receivedAt, account, name, files, receipt } of sessions) {
    // A folder name may have been used before, when its folder was moved away: rows older than this session do not count.
    if (rows.some((row) => row.folder === folder && row.at >= receivedAt)) continue;
    await endpoint.receiveLog.append({
      at: receivedAt,
      protocol: 'data-exchange',
      version: receipt ? 2 : 1,
      peer: account,
      name,
      outcome: 'received',
      step: null,
      reason: 'entered after a restart',
      durationSeconds: null,
      octets: null,
      folder,
      receipt: receipt ? Buffer.from(receipt.subarray(0, 16)).toString('hex') : null,
      files,
    });
  }
}
