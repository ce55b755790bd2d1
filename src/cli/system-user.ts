import { userInfo } from 'node:os';

/** Who did it, for the books: who runs this process. */
export function systemUser(): string {
  return userInfo().username;
}
