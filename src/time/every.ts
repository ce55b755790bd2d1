import type { Clock, Timer } from './clock.js';

/** Does work again and again, never twice at once; `delayMs` is asked before each wait. Returns how to stop. */
export function every(clock: Clock, delayMs: () => number, work: () => Promise<void>): () => void {
  let timer: Timer;
  let isStopped = false;
  const arm = () => {
    timer = clock.setTimeout(() => {
      void work().then(() => {
        if (!isStopped) arm();
      });
    }, delayMs());
  };
  arm();
  return () => {
    isStopped = true;
    clock.clearTimeout(timer);
  };
}
