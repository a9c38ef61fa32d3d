// Where a door of this host is to listen, as command lines name it.

export interface Listen {
  host: string;
  /** 0 for any free one. */
  port: number;
}

const LISTEN = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(0|[1-9]\d{0,4})$/;

/** `HOST:PORT`, an IPv6 address in brackets. @throws Error naming the option `--name` */
export function readListen(name: string, text: string): Listen {
  const match = LISTEN.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) throw new Error(`--${name} is HOST:PORT.`);
  return { host, port };
}
