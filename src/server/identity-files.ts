import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RandomSource } from '../crypto/random.js';
import { readSecretFile, replaceSecretFile, SecretFileFailed, writeNewSecretFile } from './secret-file.js';
import {
  identityOf,
  identityText,
  type KeptIdentity,
  newIdentity,
  type RootedIdentity,
  readIdentity,
  readRootKey,
  rootKeyText,
  rotated,
} from './server-identity.js';

/** Where the keys of the server with this data folder are. */
export function identityPaths(dataDir: string) {
  return {
    /** Needed by a server that runs. */
    serverKeys: join(dataDir, 'server-keys.toml'),
    /** Needed for rotation alone; may be kept elsewhere. */
    rootKey: join(dataDir, 'root-key.toml'),
  };
}

/** A key file that is there and cannot be used; the message says what to do. */
export class ServerKeysUnusable extends Error {
  override readonly name = 'ServerKeysUnusable';
}

/**
 * The identity that is kept in this folder; made there when there is none.
 * @throws ServerKeysUnusable, SecretFileFailed
 */
export async function openIdentity(dataDir: string, random: RandomSource): Promise<RootedIdentity> {
  return identityOf((await keptIdentity(dataDir)) ?? (await makeIdentity(dataDir, random)));
}

/**
 * The next key becomes the present one. A server that runs goes on with the old keys until it is started again.
 * @param rootKeyPath where the root key is
 * @throws ServerKeysUnusable, SecretFileFailed
 */
export async function rotateIdentity(
  dataDir: string,
  rootKeyPath: string,
  random: RandomSource,
): Promise<RootedIdentity> {
  const { serverKeys } = identityPaths(dataDir);
  const kept = await keptIdentity(dataDir);
  if (!kept) throw new ServerKeysUnusable(`There is no ${serverKeys} yet; \`cordboard up\` makes it.`);
  const rootSecret = await keptRootKey(rootKeyPath);
  if (!rootSecret) {
    throw new ServerKeysUnusable(
      `There is no root key at ${rootKeyPath}. Bring it here for the rotation, or name the file with --root-key.`,
    );
  }
  let next: KeptIdentity;
  try {
    next = rotated(kept, rootSecret, random);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ServerKeysUnusable(`${rootKeyPath} is another server's root key; nothing was changed.`, {
      cause,
    });
  }
  await replaceSecretFile(serverKeys, identityText(next));
  return identityOf(next);
}

async function keptIdentity(dataDir: string): Promise<KeptIdentity | undefined> {
  const { serverKeys } = identityPaths(dataDir);
  const text = await readSecretFile(serverKeys);
  if (text === undefined) return undefined;
  const kept = readIdentity(text);
  if (kept) return kept;
  throw new ServerKeysUnusable(
    `${serverKeys} is damaged: its keys do not belong together, or it is not whole. Put it back from a backup. Without one, ` +
      'move it away; new keys are made then, and every endpoint needs a new subscription (`cordboard subscriber issue`).',
  );
}

async function keptRootKey(path: string): Promise<Uint8Array | undefined> {
  const text = await readSecretFile(path);
  if (text === undefined) return undefined;
  const secret = readRootKey(text);
  if (!secret) throw new ServerKeysUnusable(`${path} holds no root key. Put it back from a backup.`);
  return secret;
}

/** Two processes that begin at once make one identity: who comes second takes the first one's. */
async function makeIdentity(dataDir: string, random: RandomSource): Promise<KeptIdentity> {
  const paths = identityPaths(dataDir);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new SecretFileFailed(`The folder ${dataDir} cannot be made: ${(cause as Error).message}`, {
      cause,
    });
  }
  await writeNewSecretFile(paths.rootKey, rootKeyText(random(32)));
  const rootSecret = await keptRootKey(paths.rootKey);
  if (!rootSecret) throw new ServerKeysUnusable(`${paths.rootKey} was taken away while it was being used.`);
  await writeNewSecretFile(paths.serverKeys, identityText(newIdentity(rootSecret, random)));
  const kept = await keptIdentity(dataDir);
  if (!kept) throw new ServerKeysUnusable(`${paths.serverKeys} was taken away while it was being used.`);
  return kept;
}
