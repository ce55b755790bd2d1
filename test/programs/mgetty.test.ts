import { realpathSync, rmSync } from 'node:fs';
import { type Line, type Stage, test } from './stage.js';
import { uucpSite } from './taylor-uucp.js';

/** mgetty wants a device below /dev, and leaves the lock to the next mgetty of the line. */
function mgettyOn(stage: Stage, { link }: Line) {
  const device = realpathSync(link).replace('/dev/', '');
  stage.atEnd(() => rmSync(`/var/lock/LCK..${device.replace('/', '_')}`, { force: true }));
  return stage.start('mgetty', ['-D', '-s', '57600', device]);
}

test('AL-4 AL-5 mgetty: answers RING with ATA, offers login to cu, hands the name to /bin/login, ends with the call', async ({
  stage,
}) => {
  stage.needs('mgetty', 'cu');
  stage.needsRoot('mgetty');
  const [a, b] = [stage.line(), stage.line()];
  const mgetty = mgettyOn(stage, b);
  const cu = stage.start('cu', ['-I', uucpSite(stage, 'here', a), '-p', 'line', b.number], {
    onTerminal: true,
  });
  await cu.until('Connected.');
  await cu.until('login: ');
  cu.type('nobody\r');
  await cu.until('Password: ');
  cu.type('\r~.');
  await cu.until('Disconnected.');
  await mgetty.ended;
});
