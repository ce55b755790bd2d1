import { expect } from 'vitest';
import { lineRate, test } from './stage.js';

const command = (letter: string) => `\x01${String.fromCharCode(letter.charCodeAt(0) & 31)}`;

test('AL-4 AL-5 picocom: a person dials by AT commands, sends a text by its send command, hangs up by leaving', async ({
  stage,
}) => {
  stage.needs('picocom');
  const [a, b] = [stage.line(), stage.line()];
  const text = Array.from({ length: 500 }, (_, index) => `line ${index}\r\n`).join('');
  stage.write('letter.txt', text);
  const called = await stage.answering(b);
  const picocom = stage.start('picocom', ['-b', '115200', '--send-cmd', 'cat', a.link], { onTerminal: true });
  await picocom.until('Terminal ready');
  picocom.type('ATZ\r');
  await picocom.until('OK');
  picocom.type(`ATDT${b.number}\r`);
  await picocom.until(`CONNECT ${lineRate}`);
  await called.readUntil(`CONNECT ${lineRate}\r\n`);
  called.write('welcome');
  await picocom.until('welcome');

  picocom.type(command('s'));
  await picocom.until('*** file: ');
  picocom.type('letter.txt\r');
  await picocom.until('*** exit status: 0');
  expect(await called.readUntil('line 499\r\n')).toBe(text);

  picocom.type(command('x'));
  expect(await picocom.ended).toBe(0);
  await called.readUntil('NO CARRIER');
});
