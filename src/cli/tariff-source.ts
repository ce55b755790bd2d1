import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseTariffFile, ratesFileOf, type TariffFile } from '../billing/tariff-file.js';
import { diskReason } from '../endpoint/endpoint-error.js';
import { CommandFailed } from './exit-codes.js';

/** A tariff file and the CSV file that it names, read and found to be whole. */
export interface TariffSource extends TariffFile {
  readonly content: string;
  readonly rates: string | undefined;
  readonly sha256: string;
}

/** @throws CommandFailed with every fault of the file */
export function readTariff(path: string): TariffSource {
  const content = readText(path);
  const ratesFile = ratesFileOf(content);
  const rates = ratesFile === undefined ? undefined : readText(join(dirname(path), ratesFile));
  const parsed = parseTariffFile(content, rates);
  if (parsed.kind === 'faulty') {
    const faults = parsed.faults.map((fault) => `  ${fault}`).join('\n');
    throw new CommandFailed('usage', `${path} is no tariff that can be used:\n${faults}`);
  }
  const { tariff, validFrom, validTo } = parsed;
  const sha256 = createHash('sha256')
    .update(content)
    .update(rates ?? '')
    .digest('hex');
  return { tariff, validFrom, validTo, content, rates, sha256 };
}

function readText(path: string): string {
  let octets: Uint8Array;
  try {
    octets = readFileSync(path);
  } catch (cause) {
    throw new CommandFailed('usage', `${path} cannot be read: ${diskReason(cause)}.`, { cause });
  }
  if (octets.includes(0))
    throw new CommandFailed('usage', `${path} is no text: it has an octet of value 0. Save it as UTF-8.`);
  try {
    // The mark at the beginning is part of the file.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (cause) {
    throw new CommandFailed('usage', `${path} is not in UTF-8. Save it as UTF-8 text.`, { cause });
  }
}
