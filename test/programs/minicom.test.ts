import { expect } from 'vitest';
import { lineRate, test } from './stage.js';

const command = (key: string) => `\x01${key}`;

test('AL-4 AL-5 minicom: sends its initialisation, dials from its dialling directory, talks, hangs up, leaves', async ({
  stage,
}) => {
  stage.needs('minicom');
  const [a, b] = [stage.line(), stage.line()];
  const called = await stage.answering(b);
  // A pseudo-terminal has no circuit 108 to drop: minicom hangs up by the escape. E0: minicom 2.8 does not read on
  // when a second passes between the echo of its ATDT and the answer.
  stage.write(
    '.minirc.dfl',
    [
      `pu port ${a.link}`,
      'pu baudrate 38400',
      'pu minit ~^M~AT S7=45 S0=0 L1 V1 X4 &c1 E0 Q0^M',
      'pu mconnect CONNECT',
      'pu mdropdtr No',
      'pu mhangup ~~+++~~ATH^M',
      '',
    ].join('\n'),
  );
  const minicom = stage.start('minicom', [], {
    onTerminal: true,
    environment: { HOME: stage.folder, LANG: 'C' },
  });
  await minicom.until('AT S7=45 S0=0 L1 V1 X4 &c1 E0 Q0');
  await minicom.until('OK');
  minicom.type(command('d'));
  await minicom.until('Manual');
  minicom.type('m');
  await minicom.until('Enter number');
  minicom.type(`${b.number}\r`);
  await called.readUntil(`CONNECT ${lineRate}\r\n`);
  await minicom.until('Connected. Press any key to continue');
  minicom.type(' ');
  called.write('welcome\r\n');
  await minicom.until('welcome');
  minicom.type('minicom is here\r');
  await called.readUntil('minicom is here\r');
  minicom.type(command('h'));
  await minicom.until('Hang-up line?');
  minicom.type('\r');
  expect(await called.readUntil('NO CARRIER')).toBe('+++\r\nNO CARRIER\r\n');
  minicom.type(command('x'));
  await minicom.until('Leave Minicom?');
  minicom.type('\r');
  expect(await minicom.ended).toBe(0);
});
