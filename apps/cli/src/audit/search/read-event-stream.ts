// Server-sent events (HTML Living Standard §9.2) as they come, of the little that our server sends.

import { cliError } from '../../cli-error.ts';

export interface ServerEvent {
  id: string;
  event: string;
  data: string;
}

const LONGEST_EVENT = 16 * 1024 * 1024;

/** @throws CodedError `answer_malformed` for an event without end */
export async function* readEventStream(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of body) {
    text += decoder.decode(piece, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const event = readBlock(block);
      if (event !== undefined) yield event;
    }
    if (text.length > LONGEST_EVENT)
      throw cliError('answer_malformed', 'The server sends an event without end.');
  }
}

function readBlock(block: string): ServerEvent | undefined {
  const event = { id: '', event: 'message', data: '' };
  for (const line of block.split('\n')) {
    const [, name, value = ''] = /^(id|event|data): ?(.*)$/s.exec(line) ?? [];
    if (name === 'data') event.data += value;
    else if (name === 'id' || name === 'event') event[name] = value;
  }
  return event.data === '' ? undefined : event;
}
