import type { Command } from 'commander';

/** What Commander lets pass where a command both acts by itself and has subcommands. @throws CommanderError */
export function refuseMisplacedWords(command: Command): void {
  refuseUnknownSubcommand(command);
  refuseEarlierOptions(command);
}

/** `calls totl`: Commander would speak of too many arguments. */
function refuseUnknownSubcommand(command: Command): void {
  const [word] = command.args;
  if (word === undefined || !takesSubcommandsAlone(command)) return;
  const names = command.commands.map((each) => each.name()).join(', ');
  command.error(`error: ${pathOf(command)} has no subcommand '${word}'; there are ${names}`);
}

/** Words behind it name a subcommand, or are a mistake. */
export function takesSubcommandsAlone({ commands, registeredArguments }: Command): boolean {
  return commands.length > 0 && registeredArguments.length === 0;
}

/** `calls --account 1 total`: the option would be that of `calls`, and nobody would look at it. */
function refuseEarlierOptions(command: Command): void {
  for (let parent = command.parent; parent; parent = parent.parent) {
    const earlier = parent;
    const given = earlier.options.find(
      (option) => earlier.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (!given) continue;
    const flag = given.long ?? given.short;
    const path = pathOf(command);
    const isKnown = command.options.some(({ long, short }) => (long ?? short) === flag);
    command.error(
      isKnown
        ? `error: option '${flag}' stands before '${command.name()}', where it has no effect; write it behind: ${path} ${flag} ...`
        : `error: option '${flag}' has no effect on ${path}; leave it out`,
    );
  }
}

/** `cordboard calls total` */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
