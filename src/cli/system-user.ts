import { userInfo } from 'node:os';

/** Who did it, for the books: who runs this process. In a container that user may have no name. */
export function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}
