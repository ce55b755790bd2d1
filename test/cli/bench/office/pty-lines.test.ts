import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { builtProgram } from '../../../support/built-program.js';

type PtyLinesModule = typeof import('../../../../src/cli/bench/office/pty-lines.js');

const built = async () =>
  (await import(join(dirname(builtProgram()), 'bench/office/pty-lines.js'))) as PtyLinesModule;

test('telephony 8.2: an office that cannot open its ptys says why, and its process ends', async () => {
  const { PtyLines } = await built();
  await expect(PtyLines.open(1, '/dev/null')).rejects.toThrow(/has ended: .*mkdir '\/dev\/null'/);
});

test('telephony 8.2: calls on ptys of an office in a process of its own, every octet as it was sent', async () => {
  const { PtyLines } = await built();
  const folder = mkdtempSync(join(tmpdir(), 'cordboard-ptys-'));
  const lines = await PtyLines.open(4, folder);
  try {
    expect((await lines.idle(200)).flow).toBe(0);
    await lines.connect();
    const { processor, flow } = await lines.busy(1_000);
    expect(processor).toBeGreaterThan(0);
    expect(flow).toBeGreaterThan(0);
  } finally {
    await lines.close();
    rmSync(folder, { recursive: true });
  }
});
