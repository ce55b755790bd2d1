/** Which line a program was given, as its URL said it. */
export type LineUrl =
  | { readonly kind: 'serial'; readonly path: string; readonly baudRate: number }
  | { readonly kind: 'sim'; readonly number: string }
  | { readonly kind: 'pty'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** `problem` is a sentence for whoever wrote the URL. */
export interface InvalidLineUrl {
  readonly kind: 'invalid';
  readonly problem: string;
}

const forms = 'serial:/dev/ttyUSB0?baud=115200, sim:5550101, pty:/path/to/link, tcp://host:port';
const defaultBaudRate = 115_200;

/** Reads a line URL as configuration files and command lines carry it. */
export function parseLineUrl(url: string): LineUrl | InvalidLineUrl {
  const scheme = /^([a-z0-9]+):/.exec(url)?.[1];
  const rest = url.slice((scheme?.length ?? 0) + 1);
  switch (scheme) {
    case 'serial':
      return parseSerial(url, rest);
    case 'sim':
      return /^[0-9]{1,20}$/.test(rest)
        ? { kind: 'sim', number: rest }
        : invalid(`"${url}" names no simulated line: a directory number of digits belongs after "sim:".`);
    case 'pty':
      return rest === ''
        ? invalid(`"${url}" names no pseudo-terminal: its path belongs after "pty:".`)
        : { kind: 'pty', path: rest };
    case 'tcp':
      return parseTcp(url);
    case 'rfc2217':
      return invalid(`"${url}": rfc2217 lines are not yet supported. Use one of: ${forms}.`);
    default:
      return invalid(`"${url}" is no line URL. Use one of: ${forms}.`);
  }
}

function parseSerial(url: string, rest: string): LineUrl | InvalidLineUrl {
  const [path = '', query = ''] = rest.split('?', 2);
  if (path === '') return invalid(`"${url}" names no serial port: its path belongs after "serial:".`);
  const settings = new URLSearchParams(query);
  const unknown = [...settings.keys()].find((name) => name !== 'baud');
  if (unknown !== undefined)
    return invalid(`"${url}": a serial line has no setting "${unknown}", only "baud".`);
  const baud = settings.get('baud') ?? String(defaultBaudRate);
  if (!/^[1-9][0-9]{1,6}$/.test(baud)) {
    return invalid(`"${url}": baud=${baud} is no speed; write bit/s as a whole number, such as 115200.`);
  }
  return { kind: 'serial', path, baudRate: Number(baud) };
}

function parseTcp(url: string): LineUrl | InvalidLineUrl {
  // Whatever stands before an @ may be a password, so such a URL is not repeated.
  if (url.includes('@')) {
    return invalid('A TCP line takes no user name and no password: write tcp://host:port, without an "@".');
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const extra = parsed && `${parsed.pathname}${parsed.search}${parsed.hash}`;
  if (!parsed || parsed.hostname === '' || Number(parsed.port) === 0 || (extra !== '' && extra !== '/')) {
    return invalid(`"${url}" is no TCP line: write tcp://host:port with a port from 1 to 65535.`);
  }
  return { kind: 'tcp', host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(parsed.port) };
}

function invalid(problem: string): InvalidLineUrl {
  return { kind: 'invalid', problem };
}
