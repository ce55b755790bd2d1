// A process to kill: opens calls and closes every other one, for ever, and says on standard output what has been
// acknowledged. Arguments: the directory of the compiled sources, the data directory, the port's name.
import { randomBytes } from 'node:crypto';
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , compiled, dataDir, port] = process.argv;
const load = (path) => import(pathToFileURL(`${compiled}/${path}`).href);
const { openStore } = await load('store/open-store.js');
const { realClock } = await load('time/real-clock.js');
const { silentLog } = await load('log/log.js');
const { trackingId } = await load('bytes/tracking-id.js');

const store = await openStore({ dataDir, clock: realClock, log: silentLog });
writeSync(1, 'ready\n');

async function callAfterCall(number) {
  for (let count = 0; ; count++) {
    const ringAt = new Date();
    const id = trackingId(ringAt.getTime(), randomBytes(10));
    await store.calls.open({ trackingId: id, port: `${port}${number}`, ani: undefined, ringAt });
    writeSync(1, `opened ${id}\n`);
    if (count % 2 === 0) continue;
    await store.calls.close(id, {
      isCollect: false,
      endAt: new Date(),
      durationSeconds: 1,
      billableSeconds: 0,
      octetsFromCaller: 0,
      octetsFromCallee: 0,
      outcome: 'abandoned',
      releaseCause: 16,
    });
    writeSync(1, `closed ${id}\n`);
  }
}

await Promise.all([1, 2, 3, 4].map(callAfterCall));
