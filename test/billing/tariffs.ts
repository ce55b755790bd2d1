import { parseTariffFile, type TariffFile } from '../../src/billing/tariff-file.js';

/** @throws Error with every fault of the text */
export function tariffOf(text: string): TariffFile {
  const parsed = parseTariffFile(text);
  if (parsed.kind === 'faulty') throw new Error(parsed.faults.join('\n'));
  return parsed;
}

const head = (name: string, more = '') => `
name = "${name}"
valid_from = "1980-01-01"
currency = "USD"
zone = "America/New_York"
${more}`;

/** Message toll as AT&T had it between states in July 1989: two of the mileage bands; evenings 33 %, nights and weekends 48 % less. */
const att1989 = `${head('att-1989', 'other_band = "night"')}
[[band]]
name = "day"
days = "mon-fri"
from = "08:00"
to = "17:00"
[[band]]
name = "evening"
days = "sun-fri"
from = "17:00"
to = "23:00"
${mileage('1 to 10 miles', '1516', ['0.18', '0.17'], ['0.1206', '0.1139'], ['0.0936', '0.0884'])}
${mileage('926 to 3,000 miles', '1213', ['0.25', '0.25'], ['0.1675', '0.1675'], ['0.13', '0.13'])}`;

function mileage(name: string, prefix: string, ...prices: [string, string][]): string {
  return ['day', 'evening', 'night']
    .map(
      (band, index) => `
[[rate]]
name = "${name}, ${band}"
prefix = "${prefix}"
band = "${band}"
step = [
  { from = 0, increment = 60, price = "${prices[index]?.[0]}" },
  { from = 60, increment = 60, price = "${prices[index]?.[1]}" },
]`,
    )
    .join('');
}

const increments = (name: string, initial: number, additional: number, decimals: number, price: string) =>
  `${head(name, `decimals = ${decimals}`)}
[[rate]]
name = "${initial}/${additional}"
step = [
  { from = 0, increment = ${initial}, price = "${price}" },
  { from = ${initial}, increment = ${additional}, price = "${price}" },
]`;

/** As CGRateS writes it: 0.2,0.1,60s,60s,0s and 0,0.05,60s,1s,60s. */
const cgrates = `${head('cgrates', 'decimals = 4\nrounding = "half-up"')}
[[rate]]
name = "after a minute by the second"
connect = "0.2"
step = [
  { from = 0, increment = 60, price = "0.1" },
  { from = 60, increment = 1, price = "0.05" },
]`;

const evenings = (name: string, more: string) => `${head(name, more)}
[[band]]
name = "day"
days = "mon-fri"
from = "08:00"
to = "17:00"
[[rate]]
name = "day"
band = "day"
step = [{ from = 0, increment = 60, price = "0.12" }]
[[rate]]
name = "other"
step = [{ from = 0, increment = 60, price = "0.06" }]`;

const early = `${head('early', 'other_band = "late"')}
[[band]]
name = "early"
days = "every"
from = "01:00"
to = "03:00"
[[rate]]
name = "early"
band = "early"
step = [{ from = 0, increment = 1, price = "0.60" }]
[[rate]]
name = "late"
band = "late"
step = [{ from = 0, increment = 1, price = "6.00" }]`;

/** Bands whose ends are in the hour that comes twice or not at all. */
const halves = `${head('halves', 'other_band = "late"\nholidays = ["2026-11-01", "2018-11-04"]')}
[[band]]
name = "early"
days = "every"
from = "00:30"
to = "00:50"
[[band]]
name = "early"
days = "every"
from = "01:30"
to = "02:15"
[[band]]
name = "early"
days = "sun"
from = "23:10"
to = "23:40"
[[rate]]
name = "early"
band = "early"
step = [{ from = 0, increment = 1, price = "0.60" }]
[[rate]]
name = "late"
band = "late"
step = [{ from = 0, increment = 1, price = "6.00" }]`;

const splitSteps = `${evenings('split steps', 'crossing = "split"').split('[[rate]]')[0]}
[[rate]]
name = "day"
band = "day"
step = [{ from = 0, increment = 60, price = "0.12" }, { from = 90, increment = 6, price = "1.20" }]
[[rate]]
name = "other"
step = [{ from = 0, increment = 60, price = "0.06" }, { from = 90, increment = 60, price = "0.60" }]`;

const choosy = `${head('choosy', 'holidays = ["2026-12-25"]\nminimum = "0.10"\nmaximum = "9.00"')}
[[band]]
name = "holiday"
days = "holiday"
[[rate]]
name = "pairing is free"
class = "pairing"
step = [{ from = 0, increment = 1, price = "0" }]
[[rate]]
name = "anywhere"
step = [{ from = 0, increment = 60, price = "0.01" }]
[[rate]]
name = "Britain"
prefix = "01144"
step = [{ from = 0, increment = 60, price = "1.00" }]
[[rate]]
name = "Britain, holidays"
prefix = "01144"
band = "holiday"
step = [{ from = 0, increment = 60, price = "0.50" }]
[[rate]]
name = "London"
prefix = "0114420"
step = [{ from = 0, increment = 60, price = "0.30" }]`;

export const tariffTexts = {
  'att-1989': att1989,
  '60/60': increments('60/60', 60, 60, 2, '0.10'),
  '30/6': increments('30/6', 30, 6, 2, '0.06'),
  '30/6 w': increments('30/6 w', 30, 6, 4, '0.06'),
  '6/6 w': increments('6/6 w', 6, 6, 4, '0.06'),
  '1/1': increments('1/1', 1, 1, 2, '0.06'),
  cgrates,
  'at start': evenings('at start', ''),
  split: evenings('split', 'crossing = "split"'),
  'by period': evenings('by period', 'round = "period"\ncrossing = "split"'),
  early,
  halves,
  'split steps': splitSteps,
  choosy,
} as const;
