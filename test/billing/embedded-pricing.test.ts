import { rm } from 'node:fs/promises';
import { afterAll, beforeAll } from 'vitest';
import { silentLog } from '../../src/log/log.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { realClock } from '../../src/time/real-clock.js';
import { freshDataDir } from '../support/embedded-store.js';
import { limitContract } from './limit-contract.js';
import { pricingContract } from './pricing-contract.js';

let dataDir: string;
let store: Store;

beforeAll(async () => {
  dataDir = await freshDataDir();
  store = await openStore({ dataDir, clock: realClock, log: silentLog });
});

afterAll(async () => {
  await store.close();
  await rm(dataDir, { recursive: true });
});

pricingContract(() => store);
limitContract(() => store);
