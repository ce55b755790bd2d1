import { expect } from 'vitest';
import { lineRate, test } from './stage.js';

test('AL-4 AL-5 shell scripts: one dials, the other answers RING with ATA; a line each way, NO CARRIER, end of file', async ({
  stage,
}) => {
  stage.needs('shell scripts');
  const [a, b] = [stage.line(), stage.line()];
  const talk = stage.write(
    'talk',
    `exec 3<>"$1"
    printf "$2" >&3
    while IFS= read -r line <&3; do
      printf '%s\\n' "$line"
      case $line in
        RING*) printf 'ATA\\r' >&3 ;;
        CONNECT*) printf '%s\\n' "$3" >&3 ;;
        bye*) exit 0 ;;
      esac
    done`,
  );
  const called = stage.start('sh', [talk, b.link, 'ATE0\\r', 'hello from the called']);
  await called.until('OK');
  const caller = stage.start('sh', [talk, a.link, `ATE0DT${b.number}\\r`, 'bye']);
  expect([await called.ended, await caller.ended]).toEqual([0, 0]);
  const lines = (said: string) =>
    said.split(/[\r\n]+/).filter((line) => line !== '' && !line.startsWith('ATE0'));
  expect(lines(called.said)).toEqual(['OK', 'RING', `CONNECT ${lineRate}`, 'bye']);
  expect(lines(caller.said)).toEqual([`CONNECT ${lineRate}`, 'hello from the called', 'NO CARRIER']);
});
