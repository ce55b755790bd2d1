import { describe, expect, test } from 'vitest';
import { parseLineUrl } from '../../../src/pstn/modem/line-url.js';

describe('AL-4 a line URL names any modem', () => {
  test.each([
    ['serial:/dev/ttyUSB0', { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 115_200 }],
    ['serial:/dev/ttyUSB0?baud=9600', { kind: 'serial', path: '/dev/ttyUSB0', baudRate: 9_600 }],
    ['serial:COM3', { kind: 'serial', path: 'COM3', baudRate: 115_200 }],
    ['sim:5550101', { kind: 'sim', number: '5550101' }],
    ['pty:run/alice', { kind: 'pty', path: 'run/alice' }],
    ['pty:/var/run/alice', { kind: 'pty', path: '/var/run/alice' }],
    ['tcp://127.0.0.1:7101', { kind: 'tcp', host: '127.0.0.1', port: 7101 }],
    ['tcp://[::1]:7101/', { kind: 'tcp', host: '::1', port: 7101 }],
    ['rfc2217://ports.example:4001', { kind: 'rfc2217', host: 'ports.example', port: 4001 }],
    ['rfc2217://[::1]:4001?baud=57600', { kind: 'rfc2217', host: '::1', port: 4001, baudRate: 57_600 }],
  ])('AL-4 %s', (url, line) => expect(parseLineUrl(url)).toEqual(line));

  test.each([
    ['', /Use one of/],
    ['/dev/ttyUSB0', /Use one of/],
    ['http://host:1', /Use one of/],
    ['rfc2217://host:port', /port from 1 to 65535/],
    ['rfc2217://host:4001?baud=fast', /no speed/],
    ['rfc2217://host:4001?parity=even', /no setting "parity"/],
    ['rfc2217://user@host:4001', /no user name/],
    ['serial:', /path belongs after/],
    ['serial:/dev/ttyS0?baud=fast', /no speed/],
    ['serial:/dev/ttyS0?baud=0', /no speed/],
    ['serial:/dev/ttyS0?parity=even', /no setting "parity"/],
    ['sim:alice', /directory number/],
    ['sim:', /directory number/],
    ['pty:', /path belongs after/],
    ['tcp://host', /port from 1 to 65535/],
    ['tcp://host:0', /port from 1 to 65535/],
    ['tcp://host:70000', /port from 1 to 65535/],
    ['tcp://host:7101/path', /port from 1 to 65535/],
    ['tcp:7101', /port from 1 to 65535/],
    ['tcp://user@host:7101', /no user name/],
  ])('AL-4 %s is refused with a reason', (url, reason) => {
    const line = parseLineUrl(url);
    expect(line.kind).toBe('invalid');
    expect(line).toHaveProperty('problem', expect.stringMatching(reason));
  });

  test.each(['tcp://:hunter2@host:7101', 'tcp://user:hunter2@host:7101', 'tcp://user:hunter2@host'])(
    'AL-4 %s is refused, and the password is not repeated',
    (url) => {
      const line = parseLineUrl(url);
      expect(line).toHaveProperty('problem', expect.stringMatching(/no password: write tcp:\/\/host:port/));
      expect(JSON.stringify(line)).not.toContain('hunter2');
    },
  );
});
