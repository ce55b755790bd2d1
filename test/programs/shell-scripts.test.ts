import { expect } from 'vitest';
import { lineRate, test } from './stage.js';

test.concurrent('AL-4 AL-5 shell scripts: one dials, the other answers RING with ATA, a line each way, NO CARRIER, end of file', async ({
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

test.concurrent('AL-4 shell scripts: one that never reads holds up its own caller and nobody else, and killed frees both lines', async ({
  stage,
}) => {
  stage.needs('shell scripts');
  const [a, b, c, d] = [stage.line(), stage.line(), stage.line(), stage.line()];
  const sleeper = stage.write('sleeper', `exec 3<>"$1"; printf 'ATE0S0=1\\r' >&3; echo open; exec sleep 600`);
  const sender = stage.write(
    'sender',
    `exec 3<>"$1"
    printf "ATE0DT$2\\r" >&3
    while IFS= read -r line <&3; do
      case $line in CONNECT*) echo connected; break ;; esac
    done
    trap '' HUP
    cat /dev/zero >&3 || echo cut off`,
  );
  const called = stage.start('sh', [sleeper, b.link]);
  await called.until('open');
  const caller = stage.start('sh', [sender, a.link, b.number]);
  await caller.until('connected');

  const [third, fourth] = [stage.typist(c), await stage.answering(d)];
  third.write(`ATE0DT${d.number}\r`);
  await third.readUntil(`CONNECT ${lineRate}\r\n`);
  fourth.write('nothing holds us up');
  await third.readUntil('nothing holds us up');

  await called.kill();
  await caller.until('cut off');
  const [next, other] = [stage.typist(a), await stage.answering(b)];
  next.write(`ATE0DT${b.number}\r`);
  await next.readUntil(`CONNECT ${lineRate}`);
  await other.readUntil(`CONNECT ${lineRate}`);
});

test.concurrent('AL-4 shell scripts: two on one line: when one leaves, the call goes on, and ends with the other', async ({
  stage,
}) => {
  stage.needs('shell scripts');
  const [a, b] = [stage.line(), stage.line()];
  const holder = stage.write('holder', 'exec 3<>"$1"; echo open; exec sleep 600');
  const called = await stage.answering(b);
  const first = stage.start('sh', [holder, a.link]);
  await first.until('open');
  const second = stage.typist(a);
  second.write(`ATE0DT${b.number}\r`);
  await second.readUntil(`CONNECT ${lineRate}\r\n`);
  await called.readUntil(`CONNECT ${lineRate}\r\n`);
  await first.kill();
  second.write('still here');
  await called.readUntil('still here');
  second.close();
  await called.readUntil('NO CARRIER');
});
