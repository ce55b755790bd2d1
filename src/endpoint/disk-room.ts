import { statfs } from 'node:fs/promises';
import { diskError, EndpointError } from './endpoint-error.js';

/** A full disk stops more than this program: what comes from peers leaves so much of it free, */
const reserveOctets = 256 * 1024 ** 2;
/** or this share of a disk of less than 5 GiB. */
const reserveShare = 1 / 20;

/** Octets that peers may still fill on the disk of `folder`; below 0 where the reserve is used up. @throws EndpointError */
export async function roomOn(folder: string): Promise<number> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return bsize * bavail - Math.min(reserveOctets, bsize * blocks * reserveShare);
  } catch (cause) {
    throw diskError(`It is not known how much room there is for ${folder}`, cause);
  }
}

/** @throws EndpointError `store-unavailable` where nothing more may be taken in */
export async function checkRoom(folder: string): Promise<void> {
  if ((await roomOn(folder)) > 0) return;
  throw new EndpointError(
    'store-unavailable',
    `The disk of ${folder} is nearly full, and nothing more is taken in. What came is kept; make room, and have it sent again.`,
  );
}
