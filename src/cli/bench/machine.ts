import { cpus } from 'node:os';

/** Where figures were measured: they hold for nowhere else. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
}

export function thisMachine(): Machine {
  const processors = cpus();
  return { cpu: processors[0]?.model.trim() ?? 'unknown', cores: processors.length, node: process.version };
}
