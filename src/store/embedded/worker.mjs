// @ts-check
/**
 * The thread that runs the embedded PostgreSQL. It answers one request of wire-protocol octets at a time and
 * knows neither turns nor time: `shared-backend.ts` keeps both. Plain JavaScript, because Node starts a worker
 * thread from a file, and under the test runner only this one is such a file as it stands.
 *
 * From the main thread: octets to execute, or `'close'`. To it: `{ ready }` with the version once, then one
 * reply of octets for each request; `{ failed }` when the directory cannot be opened.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

const port = parentPort;
if (!port) throw new Error('worker.mjs runs as a worker thread only');

/** @type {string[]} What PostgreSQL itself said; its own words are the only reason it gives. */
const said = [];

/** @param {unknown} error */
function fail(error) {
  port?.postMessage({ failed: [String(error), ...said.slice(-4)].join('\n') });
  port?.close();
}

try {
  const database = await PGlite.create(workerData.directory, {
    startParams: [
      ...PGlite.defaultStartParams,
      // One backend needs no 128 MB of its own; the system caches the files.
      ...['-c', 'shared_buffers=16MB'],
      ...['-c', 'max_wal_size=64MB'],
      // As on a server (open-store.ts).
      ...['-c', 'plan_cache_mode=force_custom_plan'],
    ],
    initDbStartParams: ['--wal-segsize=1', '--no-sync'],
    onStderr: (line) => said.push(line) > 0,
  });
  said.length = 0;
  const version = await database.query('show server_version');

  port.on('message', async (/** @type {Uint8Array | 'close'} */ request) => {
    if (request === 'close') {
      await database.close();
      port.close();
      return;
    }
    /** @type {Uint8Array<ArrayBuffer>[]} */
    const parts = [];
    // The stream form: the plain one parses every reply and keeps what it parsed for ever.
    await database.execProtocolRawStream(request, { onRawData: (octets) => parts.push(octets.slice()) });
    said.length = 0;
    const reply = parts.length === 1 && parts[0] ? parts[0] : new Uint8Array(Buffer.concat(parts));
    port.postMessage(reply, [reply.buffer]);
  });
  port.postMessage({ ready: Object.values(/** @type {object} */ (version.rows[0]))[0] });
} catch (error) {
  fail(error);
}
