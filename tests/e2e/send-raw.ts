// HTTP as no client library would send it: bytes on a socket, and what comes back before the server
// hangs up.

import { connect } from 'node:net';

export interface RawAnswer {
  /** Everything the server said. */
  text: string;
  /** How long until it hung up, in milliseconds. */
  tookMs: number;
}

const PATIENCE_MS = 20_000;

/** Sends the pieces and waits until the server closes the connection. @throws Error too late */
export function sendRaw(base: string, ...pieces: (string | Buffer)[]): Promise<RawAnswer> {
  const { hostname, port } = new URL(base);
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname);
    const late = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection stays open; so far: ${text.slice(0, 200)}`));
    }, PATIENCE_MS);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    // A reset is an answer too: the server was rid of us.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(late);
      resolve({ text, tookMs: performance.now() - startedMs });
    });
    for (const piece of pieces) socket.write(piece);
  });
}
