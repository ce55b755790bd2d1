/** Which line a program was given, as its URL said it. */
export type LineUrl =
  | { readonly kind: 'serial'; readonly path: string; readonly baudRate: number }
  | { readonly kind: 'sim'; readonly number: string }
  | { readonly kind: 'pty'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** Without a speed the port keeps its server's. */
  | {
      readonly kind: 'rfc2217';
      readonly host: string;
      readonly port: number;
      readonly baudRate: number | undefined;
    };

/** `problem` is a sentence for whoever wrote the URL. */
export interface InvalidLineUrl {
  readonly kind: 'invalid';
  readonly problem: string;
}

const forms =
  'serial:/dev/ttyUSB0?baud=115200, sim:5550101, pty:/path/to/link, tcp://host:port, rfc2217://host:port?baud=115200';
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
    case 'rfc2217':
      return parseSocket(scheme, url);
    default:
      return invalid(`"${url}" is no line URL. Use one of: ${forms}.`);
  }
}

function parseSerial(url: string, rest: string): LineUrl | InvalidLineUrl {
  const [path = '', query = ''] = rest.split('?', 2);
  if (path === '') return invalid(`"${url}" names no serial port: its path belongs after "serial:".`);
  const speed = parseSpeed(url, 'a serial line', query);
  if (typeof speed === 'object') return speed;
  return { kind: 'serial', path, baudRate: speed ?? defaultBaudRate };
}

/** The one setting of a port with a speed; `undefined` where it is left out. */
function parseSpeed(url: string, what: string, query: string): number | undefined | InvalidLineUrl {
  const settings = new URLSearchParams(query);
  const unknown = [...settings.keys()].find((name) => name !== 'baud');
  if (unknown !== undefined) return invalid(`"${url}": ${what} has no setting "${unknown}", only "baud".`);
  const baud = settings.get('baud');
  if (baud === null) return undefined;
  if (!/^[1-9][0-9]{1,6}$/.test(baud)) {
    return invalid(`"${url}": baud=${baud} is no speed; write bit/s as a whole number, such as 115200.`);
  }
  return Number(baud);
}

function parseSocket(kind: 'tcp' | 'rfc2217', url: string): LineUrl | InvalidLineUrl {
  const name = kind === 'tcp' ? 'TCP line' : 'RFC 2217 line';
  // Whatever stands before an @ may be a password, so such a URL is not repeated.
  if (url.includes('@')) {
    return invalid(
      `${kind === 'tcp' ? 'A' : 'An'} ${name} takes no user name and no password: write ${kind}://host:port, without an "@".`,
    );
  }
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const extra = parsed && `${parsed.pathname}${kind === 'tcp' ? parsed.search : ''}${parsed.hash}`;
  if (!parsed || parsed.hostname === '' || Number(parsed.port) === 0 || (extra !== '' && extra !== '/')) {
    return invalid(`"${url}" is no ${name}: write ${kind}://host:port with a port from 1 to 65535.`);
  }
  const address = { host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(parsed.port) };
  if (kind === 'tcp') return { kind, ...address };
  const speed = parseSpeed(url, 'an RFC 2217 line', parsed.search);
  return typeof speed === 'object' ? speed : { kind, ...address, baudRate: speed };
}

function invalid(problem: string): InvalidLineUrl {
  return { kind: 'invalid', problem };
}
