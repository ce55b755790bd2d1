// A process of its own: the clock of `OurSubject` would hold up programs that are measured in real time.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from './measure.js';
import { OurSubject } from './our-subject.js';
import { caseNames } from './plan.js';

const limitMs = 3_600_000;

const [place = ''] = process.argv.slice(2);
const homes = join(place, 'homes');
mkdirSync(homes);
const subject = new OurSubject(homes);
for (const name of caseNames) {
  const measured = await measure(subject, name, { size: 'octets', place: join(place, name), limitMs });
  process.stdout.write(`${JSON.stringify({ name, measured })}\n`);
}
