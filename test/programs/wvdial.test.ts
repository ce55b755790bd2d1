import { existsSync } from 'node:fs';
import { lineRate, test } from './stage.js';

test('AL-4 AL-5 wvdial: initialises, dials, sees CONNECT, and starts pppd, which ends where the kernel has no /dev/ppp', async ({
  stage,
}) => {
  stage.needs('wvdial');
  const [a, b] = [stage.line(), stage.line()];
  const called = await stage.answering(b);
  const configuration = stage.write(
    'wvdial.conf',
    [
      '[Dialer Defaults]',
      `Modem = ${a.link}`,
      'Baud = 57600',
      'Init1 = ATZ',
      'Init2 = ATQ0 V1 E1 S0=0 &C1 &D2 +FCLASS=0',
      `Phone = ${b.number}`,
      'Username = alice',
      'Password = secret',
      'Carrier Check = no',
      'Stupid Mode = yes',
      'Auto Reconnect = no',
      '',
    ].join('\n'),
  );
  const wvdial = stage.start('wvdial', ['-C', configuration], {
    // The stacks of its tasks are too small for the dynamic linker on processors with AVX-512: without this, wvdial
    // 1.61 stops now and then at an assertion of its own, on any line (`*current_task->stack_magic == WVTASK_MAGIC`).
    environment: { LD_BIND_NOW: '1' },
  });
  await wvdial.until('--> Modem initialized.');
  await wvdial.until(`CONNECT ${lineRate}`);
  await called.readUntil(`CONNECT ${lineRate}\r\n`);
  await wvdial.until('--> Starting pppd');
  if (existsSync('/dev/ppp')) {
    // The first packet of PPP: flag, all stations, unnumbered information, LCP; its control characters escaped.
    await called.readUntil('~\xff}#\xc0!');
    wvdial.signal('SIGINT');
  } else {
    await wvdial.until('The PPP daemon has died: No ppp module error (exit code = 4)');
  }
  await called.readUntil('NO CARRIER');
  await wvdial.ended;
});
