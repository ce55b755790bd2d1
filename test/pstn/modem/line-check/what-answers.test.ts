import { describe, expect, test } from 'vitest';
import {
  adviseNoModem,
  sayNoModem,
  whatAnswers,
} from '../../../../src/pstn/modem/line-check/what-answers.js';

const sent = ['AT', 'ATE0Q0V1', 'ATE0Q0V1'];

describe('fault 41: what is no modem is named', () => {
  test.each([
    ['', 'silence'],
    ['\0\0', 'silence'],
    ['\r\n', 'silence'],
    ['AT\rATE0Q0V1\rATE0Q0V1\r', 'loopback'],
    ['AT\rATE0Q0V1\r+++', 'loopback'],
    ['\r\nDebian GNU/Linux 12 host ttyS0\r\n\r\nhost login: AT\r\nPassword: ', 'login'],
    ['$GPRMC,081836,A,3751.65,S,14507.36,E*62\r\n$GPGGA,081836', 'talker'],
    ['\x80\xfe\x00\xf8\x80\xfe\x80\x1c\xe0', 'noise'],
    ['~', 'noise'],
  ])('%j is %s', (heard, kind) => {
    const found = whatAnswers(Buffer.from(heard, 'latin1'), sent);
    expect(found.kind).toBe(kind);
    expect(sayNoModem(found)).not.toBe('');
    expect(adviseNoModem(found)).toMatch(/\.$/);
  });
});

test('fault 100: what a stranger says is printable when it is shown', () => {
  const found = whatAnswers(Buffer.from('hello \x1b[2J there\r\nhello \x1b[2J there\r\n'), sent);
  expect(sayNoModem(found)).toBe('something talks without being asked: "hello [2J there"');
});
