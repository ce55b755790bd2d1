import { type FileHandle, open } from 'node:fs/promises';

/**
 * Only its owner may read the file. The content is on the disk when this resolves; the name needs `syncFolder`.
 * @param flags `wx` where another file may have the name, also by another case: then it is an error and no overwriting
 */
export async function writeWholeFile(path: string, text: string, flags: 'w' | 'wx' = 'w'): Promise<void> {
  await withFile(path, flags, async (file) => {
    await file.writeFile(text);
    await file.sync();
  });
}

/** Makes names durable: a rename without it may be undone by a power cut (fault 74). */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; its NTFS journals names by itself.
  if (process.platform === 'win32') return;
  await withFile(path, 'r', (folder) => folder.sync());
}

/** Open while it is used; one that is made is its owner's alone. */
export async function withFile<T>(
  path: string,
  flags: string,
  use: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags, 0o600);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
