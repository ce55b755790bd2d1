import { pino } from 'pino';
import type { Log } from '../log/log.js';

/** JSON lines on standard error: standard output is for results. */
export function createLogger(level: string): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ dest: 2, sync: true }),
  );
  return logger;
}
