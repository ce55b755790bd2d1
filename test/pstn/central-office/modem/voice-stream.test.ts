import { describe, expect, test } from 'vitest';
import { decodeMuLaw, encodeMuLaw } from '../../../../src/pstn/audio/mu-law.js';
import { cadenced, dtmfBurst, sines } from '../../../../src/pstn/audio/oscillator.js';
import { cadences, specialInformationTones } from '../../../../src/pstn/audio/tone-plan.js';
import { tones } from '../../../../src/pstn/signals.js';
import { bench, words } from './bench.js';

const dle = 0x10;

/** In voice class, off-hook, in a stream of 16-bit samples or of the format given. */
function stream(command: '+VTX' | '+VRX' | '+VTR', settings = '+VSM=0,8000') {
  const it = bench();
  const answer = it.command(`+FCLASS=8;+VLS=1;${settings};${command}`);
  if (answer !== 'CONNECT') throw new Error(`no stream: ${answer}`);
  it.line.actions.length = 0;
  return it;
}

function octetsOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** As a program must send it. */
function shield(octets: Uint8Array): Buffer {
  return Buffer.from([...octets].flatMap((octet) => (octet === dle ? [dle, dle] : [octet])));
}

/** What a program makes of a stream: octets of samples, and the codes among them. */
function unshield(text: string): { readonly data: Buffer; readonly codes: string } {
  const data: number[] = [];
  let codes = '';
  const octets = Buffer.from(text, 'latin1');
  for (let at = 0; at < octets.length; at++) {
    const isCode = octets[at] === dle && octets[++at] !== dle;
    if (isCode) codes += String.fromCharCode(octets[at] ?? 0);
    else data.push(octets[at] ?? 0);
  }
  return { data: Buffer.from(data), codes };
}

function samplesOf({ data }: { readonly data: Buffer }): Int16Array {
  return Int16Array.from({ length: data.length >> 1 }, (_, index) => data.readInt16LE(2 * index));
}

/** Every value that matters to shielding and to the formats. */
const sweep = Int16Array.from({ length: 4_000 }, (_, index) => index * 16 - 32_000);

describe('recording', () => {
  test('telephony 2.2: CONNECT, the samples that are heard, <DLE><ETX> and OK', () => {
    const { line, clock, port } = stream('+VRX');
    line.sounds(sweep);
    clock.advance(500);
    port.type('\x10!');
    const text = port.output();
    expect(text.endsWith('\x10\x03\r\nOK\r\n')).toBe(true);
    expect(samplesOf(unshield(text.slice(0, -'\x10\x03\r\nOK\r\n'.length)))).toEqual(sweep);
    expect(line.isListenedTo).toBe(false);
  });

  test('telephony 2.2: samples go out as they come, 20 ms at a time, and no timer is left behind', () => {
    const { clock, port, command } = stream('+VRX');
    clock.advance(19);
    expect(port.output()).toBe('');
    clock.advance(1);
    expect(port.output()).toHaveLength(320);
    clock.advance(1_000);
    expect(port.output()).toHaveLength(16_000);
    port.type('\x10!');
    port.output();
    clock.advance(10_000);
    expect(port.output()).toBe('');
    expect(command('+VLS?')).toBe('+VLS: 1 OK');
  });

  test.each([
    ['0', (samples: Int16Array) => octetsOf(samples)],
    ['1', (samples: Int16Array) => Uint8Array.from(samples, (it) => Math.min(255, ((it + 128) >> 8) + 128))],
    ['4', (samples: Int16Array) => encodeMuLaw(samples)],
  ])('telephony 2.1: +VSM=%s,8000', (format, encoded) => {
    const { line, clock, port } = stream('+VRX', `+VSM=${format},8000`);
    line.sounds(sweep);
    clock.advance(500);
    expect(Buffer.compare(unshield(port.output()).data, encoded(sweep))).toBe(0);
  });

  test('telephony 2.1: +VSM tells what there is, and takes nothing else', () => {
    const { command } = bench();
    expect(command('+VSM=?')).toBe(
      '0,"SIGNED PCM",16,0,(8000),(0),(0) 1,"UNSIGNED PCM",8,0,(8000),(0),(0) 4,"G.711U",8,0,(8000),(0),(0) OK',
    );
    expect(command('+VSM=4,8000;+VSM?')).toBe('+VSM: 4,8000,0,0 OK');
    for (const wrong of ['2', '3,8000', '5', '1,7200', 'x']) expect(command(`+VSM=${wrong}`)).toBe('ERROR');
  });

  test.each([
    ['\x10!', 'IS-101, vgetty'],
    ['\x10\x1b', 'V.253'],
    ['\x10\x03', 'Rockwell'],
    ['\x10^', 'V.253, duplex'],
  ])('telephony 2.2: %j ends a recording (%s)', (code) => {
    const { clock, port } = stream('+VRX');
    clock.advance(100);
    port.output();
    port.type(`\r\x11${code}ATS7?\r`);
    expect(port.output()).toBe('\x10\x03\r\nOK\r\n\r\n050\r\n\r\nOK\r\n');
  });

  test('telephony 2.1: +VGR makes it louder or softer, and clips', () => {
    const { line, clock, port } = stream('+VRX', '+VSM=0;+VGR=255');
    line.sounds(Int16Array.from([100, -1000, 32_000, -32_000]));
    clock.advance(20);
    expect([...samplesOf(unshield(port.output())).subarray(0, 4)]).toEqual([199, -1992, 32_767, -32_768]);
  });

  test('telephony 2.2: <DLE>o, once, when the program does not read for a second; recording goes on', () => {
    const { clock, port } = stream('+VRX', '+VSM=1;+VSD=0');
    port.leavesUnread = true;
    clock.advance(5_000);
    expect(unshield(port.output()).codes).toBe('o');
    expect(port.unread).toBeLessThan(10_000);
    port.reads();
    clock.advance(500);
    const { data, codes } = unshield(port.output());
    expect(codes).toBe('');
    expect(data).toHaveLength(4_000);
  });
});

describe('silence', () => {
  const voice = sines([{ hz: 600, levelDbm0: -20 }], 300);

  test('telephony 2.2: +VSD: <DLE>s when nobody has spoken at all, once', () => {
    const { clock, port } = stream('+VRX', '+VSD=128,30');
    clock.advance(2_980);
    expect(unshield(port.output()).codes).toBe('');
    clock.advance(20);
    expect(unshield(port.output()).codes).toBe('s');
    clock.advance(20_000);
    expect(unshield(port.output()).codes).toBe('');
  });

  test('telephony 2.2: +VSD: <DLE>q after the voice, again after each', () => {
    const { line, clock, port } = stream('+VRX', '+VSD=128,20');
    for (let time = 0; time < 2; time++) {
      line.sounds(voice);
      clock.advance(2_200);
      expect(unshield(port.output()).codes).toBe('');
      clock.advance(200);
      expect(unshield(port.output()).codes).toBe('q');
    }
  });

  test('telephony 2.1: +VSD: what is silence is a setting; 0 switches it off', () => {
    const soft = sines([{ hz: 600, levelDbm0: -45 }], 4_000);
    for (const [sensitivity, code] of [
      [40, ''],
      [128, 's'],
      [0, ''],
    ] as const) {
      const { line, clock, port } = stream('+VRX', `+VSD=${sensitivity},20`);
      line.sounds(soft);
      clock.advance(3_000);
      expect(unshield(port.output()).codes).toBe(code);
    }
  });
});

describe('playing', () => {
  test('telephony 2.2: the samples are played in real time, and OK comes when the last one has been heard', () => {
    const { line, clock, port } = stream('+VTX');
    port.write(shield(octetsOf(sweep)));
    port.type('\x10\x03');
    clock.advance(480);
    expect(port.output()).toBe('');
    clock.advance(40);
    expect(words(port.output())).toBe('OK');
    expect(Int16Array.from(line.played)).toEqual(sweep);
  });

  test('telephony 2.2: ten seconds written at once wait in the port, with CTS off, and lose nothing', () => {
    const { line, clock, port } = stream('+VTX', '+VSM=4,8000');
    const octets = Uint8Array.from({ length: 80_000 }, (_, index) => (index * 7) % 256);
    port.write(shield(octets));
    port.type('\x10\x03');
    expect(port.waiting).toBeGreaterThan(70_000);
    expect(port.last.cts).toBe(false);
    clock.advance(9_900);
    expect(port.output()).toBe('');
    clock.advance(200);
    expect(words(port.output())).toBe('OK');
    expect(Int16Array.from(line.played)).toEqual(decodeMuLaw(octets));
    expect(port.last.cts).toBe(true);
  });

  test('telephony 2.2: samples and codes cut anywhere', () => {
    const { line, clock, port } = stream('+VTX');
    for (const octet of Buffer.concat([shield(octetsOf(sweep)), Buffer.from('\x10\x03')])) {
      port.write(Uint8Array.of(octet));
    }
    clock.advance(1_000);
    expect(words(port.output())).toBe('OK');
    expect(Int16Array.from(line.played)).toEqual(sweep);
  });

  test('telephony 2.2: <DLE><SUB> is two DLE, what no code is known for is passed over', () => {
    const { line, clock, port } = stream('+VTX');
    port.type('\x00\x10\x1c\x01\x10\x1a\x10Z\x10\x10\x7f\x10\x03');
    clock.advance(100);
    expect(line.played).toEqual([0x0100, 0x1010, 0x7f10]);
  });

  test("telephony 2.2: <DLE><CAN> drops what waits; vgetty's <NUL><DLE><CAN><DLE><ETX> ends at once", () => {
    const { line, clock, port } = stream('+VTX', '+VSM=4');
    port.write(new Uint8Array(4_000));
    clock.advance(200);
    port.type('\x00\x10\x18\x10\x03');
    clock.advance(280);
    expect(words(port.output())).toBe('OK');
    expect(line.played.length).toBeLessThanOrEqual((200 + 280) * 8);
  });

  test('telephony 2.2: <DLE>p and <DLE>r', () => {
    const { line, clock, port } = stream('+VTX', '+VSM=4');
    port.write(new Uint8Array(4_000));
    clock.advance(40);
    port.type('\x10p');
    const played = line.played.length;
    clock.advance(5_000);
    expect(line.played).toHaveLength(played);
    expect(played).toBeLessThan(4_000);
    port.type('\x10r\x10\x03');
    clock.advance(600);
    expect(line.played).toHaveLength(4_000);
    expect(port.output()).toBe('\r\nOK\r\n');
  });

  test('telephony 2.2: <DLE>u when the samples run out, once each time, and not before the first', () => {
    const { clock, port } = stream('+VTX', '+VSM=4');
    clock.advance(1_000);
    expect(port.output()).toBe('');
    for (let time = 0; time < 2; time++) {
      port.write(new Uint8Array(800));
      clock.advance(3_000);
      expect(port.output()).toBe('\x10u');
    }
  });

  test('telephony 2.1: +VGT', () => {
    const { line, clock, port } = stream('+VTX', '+VSM=0;+VGT=64');
    port.write(octetsOf(Int16Array.from([1000, -1000, 31])));
    clock.advance(20);
    expect(line.played).toEqual([500, -500, 16]);
  });
});

describe('what is heard while a stream is open', () => {
  test.each(['+VTX', '+VRX', '+VTR'] as const)(
    'telephony 4.1: DTMF in the audio, once a key (%s)',
    (command) => {
      const { line, clock, port } = stream(command);
      for (const symbol of ['4', '4', '#', 'D'] as const) {
        line.sounds(dtmfBurst(symbol, 95));
        clock.advance(95);
        // The exchange tells of the same burst when it has ended.
        line.equipment.digit(symbol, 95);
        line.sounds(new Int16Array(800));
        clock.advance(100);
      }
      line.sounds(dtmfBurst('5', 2_000));
      clock.advance(2_500);
      expect(unshield(port.output()).codes).toBe('44#D5');
    },
  );

  test('telephony 2.1: +VEM leaves out what it is told to, in a stream too; +VLS=? tells what there is', () => {
    const { line, clock, port } = stream('+VRX', '+VEM=00000800;+VSD=0');
    line.sounds(dtmfBurst('5', 100));
    clock.advance(200);
    line.sounds(cadenced(cadences.busy, 3_000));
    clock.advance(3_000);
    line.sounds(cadenced(cadences.dial, 2_000));
    clock.advance(2_000);
    expect(unshield(port.output()).codes).toBe('d');
    expect(bench().command('+VLS=?').split(' ')[1]).toBe('1,"T",0B143D40,0F743C40,08043C40');
  });

  test('telephony 4.1: a key that was down when the stream began, or ended, is told once', () => {
    const { line, clock, port, command } = bench();
    command('+FCLASS=8;+VLS=1');
    clock.advance(60);
    command('+VRX');
    clock.advance(40);
    line.equipment.digit('1', 100);
    expect(unshield(port.output()).codes).toBe('1');
    line.sounds(dtmfBurst('2', 200));
    clock.advance(100);
    port.type('\x10!');
    clock.advance(100);
    line.equipment.digit('2', 200);
    expect(unshield(port.output()).codes.replace('\x03', '')).toBe('2');
    line.equipment.digit('2', 50);
    expect(port.output()).toBe('\x102');
  });

  test('telephony 4.1: a key of which the stream heard too little to know it is told when it has ended', () => {
    const { line, clock, port } = stream('+VRX');
    clock.advance(100);
    line.sounds(dtmfBurst('3', 100));
    clock.advance(20);
    port.type('\x10!');
    port.output();
    clock.advance(80);
    line.equipment.digit('3', 100);
    expect(port.output()).toBe('\x103');
  });

  test('telephony 2.2: call progress in the audio; what the line tells of it is not told again', () => {
    const { line, clock, port } = stream('+VTX');
    const hears = (samples: Int16Array) => {
      line.sounds(samples);
      clock.advance(samples.length / 8 + 300);
      return unshield(port.output()).codes;
    };
    line.hears(tones.dial);
    expect(hears(cadenced(cadences.dial, 1_500))).toBe('d');
    line.hears(tones.silence);
    expect(hears(cadenced(cadences.ringBack, 8_000))).toBe('rr');
    expect(hears(cadenced(cadences.busy, 4_000))).toBe('b');
    expect(hears(cadenced(cadences.reorder, 4_000))).toBe('K');
    expect(hears(cadenced(specialInformationTones.intercept, 1_000))).toBe('J');
    expect(hears(sines([{ hz: 2100, levelDbm0: -12 }], 2_000))).toBe('a');
    expect(hears(sines([{ hz: 1100, levelDbm0: -12 }], 500))).toBe('c');
    expect(hears(sines([{ hz: 1300, levelDbm0: -12 }], 500))).toBe('e');
  });

  test('telephony 2.2: the far end hangs up: <DLE>l, and the stream goes on until the program ends it', () => {
    const { line, clock, port } = stream('+VRX', '+VSM=1');
    line.equipment.loopBreak();
    expect(port.output()).toBe('\x10l');
    clock.advance(1_000);
    expect(port.output()).toHaveLength(8_000);
    port.type('\x10!');
    expect(port.output()).toBe('\x10\x03\r\nOK\r\n');
  });
});

describe('both at once', () => {
  test('telephony 2.2: +VTR plays and records until <DLE>^', () => {
    const { line, clock, port } = stream('+VTR');
    line.sounds(sweep);
    port.write(shield(octetsOf(sweep)));
    clock.advance(500);
    port.type('\x10^');
    const { data, codes } = unshield(port.output().replace('\r\nOK\r\n', ''));
    expect(codes).toBe('\x03');
    expect(samplesOf({ data })).toEqual(sweep);
    expect(Int16Array.from(line.played)).toEqual(sweep);
  });
});

describe('where there is no stream', () => {
  test('telephony 2.1: +VIT does not end a recording; it counts again after it', () => {
    const { line, clock, port } = stream('+VRX', '+VIT=5');
    clock.advance(60_000);
    port.output();
    port.type('\x10!');
    clock.advance(4_900);
    expect(line.actions).toEqual([]);
    clock.advance(200);
    expect(line.actions).toEqual(['on-hook']);
  });

  test('telephony 2.1: on-hook, in data class, with a value', () => {
    const { command } = bench();
    expect(command('+VRX')).toBe('ERROR');
    expect(command('+FCLASS=8;+VTX')).toBe('ERROR');
    expect(command('+VLS=1;+VTR=1')).toBe('ERROR');
    expect(command('+VTR=?;+VTX=?;+VRX=?')).toBe('OK');
    expect(command('+FCLASS=0;+VRX')).toBe('ERROR');
  });

  test('telephony 1.6: DTR off ends the stream and the call', () => {
    const { line, clock, port, modem, command } = stream('+VTR');
    port.write(new Uint8Array(20_000));
    modem.dtr(false);
    clock.advance(100);
    port.forget();
    port.output();
    expect(line.isOffHook).toBe(false);
    expect(line.isListenedTo).toBe(false);
    clock.advance(1_000);
    expect(port.output()).toBe('');
    modem.dtr(true);
    expect(command('+FCLASS?')).toBe('8 OK');
  });

  test('telephony 1.6: with &D1 it ends the stream alone', () => {
    const { line, clock, port, modem } = stream('+VRX', '&D1+VSM=1');
    modem.dtr(false);
    clock.advance(60);
    expect(port.output().endsWith('\r\nOK\r\n')).toBe(true);
    expect(line.actions).toEqual([]);
    clock.advance(1_000);
    expect(port.output()).toBe('');
  });

  test('telephony 2.2: a modem that is switched off in a stream leaves no timer', () => {
    const { line, clock, port, modem } = stream('+VTR');
    modem.close();
    port.output();
    clock.advance(10_000);
    expect(port.output()).toBe('');
    expect(line.isListenedTo).toBe(false);
  });
});
