import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/cli/config.js';
import { CommandFailed, exitCodes } from '../../src/cli/exit-codes.js';
import { networkEventJson, networkEventText } from '../../src/cli/network-log.js';
import { playAtOnce } from '../../src/cli/office.js';
import { type OfficeSection, officeOptions } from '../../src/cli/office-config.js';
import { readScenario } from '../../src/cli/scenario-file.js';
import type { ScenarioEvent } from '../../src/pstn/central-office/scenario/scenario.js';

const folder = mkdtempSync(join(tmpdir(), 'cordboard-scenario-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string, name = 'file.toml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const fixtures = join(import.meta.dirname, '../../fixtures/telephone-network');
const network = section(join(fixtures, 'network.toml'));
const scenario = readScenario(join(fixtures, 'scenario.toml'), network);

function section(path: string): OfficeSection {
  const { office } = loadConfig(path, {});
  if (!office) throw new Error('no [office]');
  return office;
}

function played(office: OfficeSection, events: readonly ScenarioEvent[] = scenario): string[] {
  const lines: string[] = [];
  playAtOnce(office, 'network.toml', events, (atMs, event) => lines.push(networkEventText(atMs, event)));
  return lines;
}

function problems(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof CommandFailed && error.exitCode === exitCodes.usage) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('telephony 4.3: a scenario file and a seed', () => {
  test('telephony 4.3: give the same calls again, to the last digit of the times, and those on file', () => {
    const first = played(network);
    expect(played(network)).toEqual(first);
    expect(first.join('\n')).toBe(readFileSync(join(fixtures, 'log.txt'), 'utf8').trimEnd());
  });

  test('telephony 4.3: another seed gives the same calls, which ring at other moments', () => {
    const withoutTimes = (lines: readonly string[]) => lines.map((line) => line.slice(12)).sort();
    const other = played({ ...network, seed: 8 });
    expect(other).not.toEqual(played(network));
    expect(withoutTimes(other)).toEqual(withoutTimes(played(network)));
  });

  test('telephony 4.3: the order of the events in the file does not matter, but at one time', () => {
    expect(played(network, scenario.toReversed())).toEqual(played(network));
  });

  test('telephony 4.3: an event as JSON has its time in seconds, and its fields', () => {
    expect(
      JSON.parse(networkEventJson(1_234.5678, { event: 'routed', line: '1', number: '2', via: ['a', 'b'] })),
    ).toEqual({ v: 1, seconds: 1.235, event: 'routed', line: '1', number: '2', via: ['a', 'b'] });
  });

  test.each([
    ['[[event]]\nat_s = 1\nline = "1"\ndo = "sing"', 'event.0.do: must be "off-hook" or'],
    ['[[event]]\nat_s = -1\nline = "1"\ndo = "cut"', 'event.0.at_s: must not be negative'],
    ['[[event]]\nat_s = 1\nline = "1"\ndo = "dial"\ndigits = "12x"', 'event.0.digits: must be digits'],
    ['[[event]]\nat_s = 1\nline = "1"\ndo = "dial"', 'event.0.digits: is missing'],
    ['[[event]]\nat_s = 1\nline = "1"\ndo = "flash"\nfor_s = 2', 'event.0.for_s: no such key'],
    ['[[event]]\nat_s = inf\nline = "1"\ndo = "cut"', 'event.0.at_s: must be 2678400 at most, not Infinity'],
    ['[[event]]\nat_s = 2026-11-21\nline = "1"\ndo = "cut"', 'event.0.at_s: must be number, not a date'],
    [
      '[[event]]\nat_s = 1\nline = "1"\ndo = "change-rate"\nrate = 1e30',
      'event.0.rate: must be 10000000 at most, not 1e+30',
    ],
    [
      `[[event]]\nat_s = 1\nline = "1"\ndo = "dial"\ndigits = "${'9'.repeat(81)}"`,
      'event.0.digits: must be digits, *, # and A to D, 80 at most',
    ],
    ['[event]\nat_s = 1', 'event: must be a list, not a table'],
    ['event = []', 'event: needs at least one [[event]]'],
    ['[[event', 'not valid TOML'],
  ])(
    'telephony 4.3: a scenario that cannot be played is refused with the key and what is wrong: %#',
    (text, said) => {
      expect(problems(() => readScenario(file(text), network))).toContain(said);
    },
  );

  test('telephony 4.3: a telephone on a line that programs may open, or on none, is refused with its key', () => {
    const exposed = section(file('[office]\n[[office.line]]\nnumber = "5550101"\nexpose = "pty:run/a"'));
    const event = (line: string, action: string) =>
      `[[event]]\nat_s = 0\nline = "${line}"\ndo = "${action}"\n`;
    const scenarioOf = file(
      event('5550101', 'cut') + event('5550101', 'off-hook') + event('5559999', 'mend'),
    );
    const said = problems(() => readScenario(scenarioOf, exposed));
    expect(said).toContain(
      `${scenarioOf} does not fit its network:\n  event.1.line: a telephone cannot off-hook`,
    );
    expect(said).toContain('exposed to programs as pty:run/a; use a line without "expose"');
    expect(said).toContain('event.2.line: no [[office.line]] has the number 5559999');
    expect(said).not.toContain('event.0');
  });

  test('telephony 4.3: a telephone in its cradle has nothing to flash', () => {
    const flash = { atMs: 1_000, line: '5550101', action: { do: 'flash' } } as const;
    expect(played(network, [flash]).filter((line) => line.includes(flash.line))).toEqual([]);
  });
});

describe('telephony 10: [office] in the configuration', () => {
  const minimal = '[[office.line]]\nnumber = "1"\n';

  test('telephony 1.8: simh #215: a map of numbers is a table, by file', () => {
    const plan = file(
      '[[rule]]\ndial = "112"\nmeans = "service"\n[[rule]]\ndial = "0ZX{4,9}"\nstrip = 1\nprefix = "{country}"',
      'plan.toml',
    );
    const { numberingPlan } = officeOptions(
      section(file(`[office]\nnumbering_plan = "${plan}"\n${minimal}`)),
    );
    expect(numberingPlan?.rules).toEqual([
      { dial: '112', strip: 0, prefix: '', means: 'service' },
      { dial: '0ZX{4,9}', strip: 1, prefix: '{country}', means: 'number' },
    ]);
  });

  test.each([
    ['plan = 1', 'no such key'],
    ['[[rule]]\ndial = "112"\n[[rule]]\ndial = "X{3}"', 'plan.toml cannot be used:\n  rule.1.dial: '],
    ['[[rule]]\ndial = "X{1,999999999999}"', 'takes more than 40 digits'],
    ['[[rule]]\ndial = "X"\nprefix = "+1"', 'rule.0.prefix: must be digits, {country} and {area}'],
    ['[[rule]]\ndial = ""', 'rule.0.dial: must not be empty'],
    ['[[rule]]\ndial = "1"\nmeans = "joke"', 'rule.0.means'],
  ])('telephony 10: a numbering plan that cannot be read: %#', (text, said) => {
    const plan = file(text, 'plan.toml');
    const office = section(file(`[office]\nnumbering_plan = "${plan}"\n${minimal}`));
    expect(problems(() => officeOptions(office))).toContain(said);
  });

  test.each([
    ['numbering_plan = "nowhere.toml"', 'or write "nanp"'],
    [
      '[[office.exchange]]\nname = "a"\n[[office.trunk_group]]\nname = "g"\nbetween = ["a"]\ncircuits = 1',
      'office.trunk_group.0.between',
    ],
    [
      '[[office.trunk_group]]\nname = "g"\nbetween = ["a", "b"]\ncircuits = 1.5',
      'office.trunk_group.0.circuits',
    ],
    ['[[office.route]]\nfrom = "a"\nto = "b"\ntrunk_groups = []', 'must name a trunk group'],
    ['seed = 1e300', 'office.seed: must be 4294967295 at most, not 1e+300'],
    ['seed = 0.5', 'office.seed: must be a whole number, not 0.5'],
  ])('telephony 1.8: what cannot be is refused with its key: %#', (text, said) => {
    expect(problems(() => officeOptions(section(file(`[office]\n${text}\n${minimal}`))))).toContain(said);
  });

  test.each([
    ['[[office.line]]\nnumber = "1"', 'Two lines have the number 1'],
    ['exchange = "z"', 'Line 1 names the exchange "z", but there is no such exchange; correct it'],
  ])('telephony 1.8: what does not fit together is refused with its file: %#', (text, said) => {
    const office = section(file(`[office]\n${minimal}${text}`));
    const found = problems(() => playAtOnce(office, 'my.toml', [], () => {}));
    expect(found).toContain('The section [office] in my.toml cannot be used:');
    expect(found).toContain(said);
  });

  test('telephony 1.8: services and impairments of a line arrive where they act', () => {
    const text = `${minimal}
services = ["transfer"]
exchange = "a"
signal_to_noise_db = 30
error_bursts = { every_s = 2, length_ms = 50, bit_error_rate = 0.1 }
carrier_drop_every_s = 600
retrain_every_s = 60
echo_ms = 80
dead = true
`;
    expect(officeOptions(section(file(`[office]\n${text}`))).lines[0]).toMatchObject({
      services: ['transfer'],
      exchange: 'a',
      impairments: {
        signalToNoiseDb: 30,
        errorBursts: { everyMs: 2_000, lengthMs: 50, bitErrorRate: 0.1 },
        carrierDrops: { everyMs: 600_000 },
        retrains: { everyMs: 60_000 },
        echoMs: 80,
        isDead: true,
        isStuckOffHook: false,
      },
    });
  });

  test('CM-330 one trunk is enough for a server that hands its callers over, and for no other', () => {
    const server = '[server]\nnumber = "1"\ntrunks = ["sim:1"]\n';
    expect(problems(() => loadConfig(file(server), {}))).toContain('server.trunks: needs two lines');
    expect(loadConfig(file(`${server}transfer = "hook-flash"\n`), {}).server?.transfer).toBe('hook-flash');
  });
});
