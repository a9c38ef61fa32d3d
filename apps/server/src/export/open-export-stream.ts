// The bytes of an export as a stream: made when they are asked for, for as long as the credential is in
// force, and not kept open for a reader that takes nothing.

import { type Clock, CodedError } from '@countersign/vocabulary';

export interface ExportStreamParts {
  bytes: AsyncIterable<string | Uint8Array>;
  /** Called once, whatever becomes of the reader. */
  end(reason: 'complete' | 'cut' | 'failed'): Promise<void>;
  onFailure(error: unknown): void;
  clock: Clock;
  stillReads(): Promise<boolean>;
  /** When the credential was last known to be in force. */
  knownMs: number;
  stalledMs: number;
}

/** How long the end of a credential may go unnoticed. */
const ASKED_EVERY_MS = 5_000;

export function openExportStream(parts: ExportStreamParts): ReadableStream<Uint8Array> {
  const { bytes, end, onFailure, clock, stillReads, knownMs, stalledMs } = parts;
  const source = bytes[Symbol.asyncIterator]();
  let askedMs = knownMs;
  let stalled: NodeJS.Timeout | undefined;
  const cut = async (): Promise<void> => {
    clearTimeout(stalled);
    await source.return?.();
    await end('cut');
  };
  const next = async (): Promise<IteratorResult<string | Uint8Array>> => {
    if (clock.nowMs() - askedMs < ASKED_EVERY_MS) return source.next();
    askedMs = clock.nowMs();
    if (await stillReads()) return source.next();
    await cut();
    throw new CodedError('not_authenticated', 'The credential was ended while it read.');
  };
  const wait = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    stalled = setTimeout(() => {
      controller.error(new CodedError('export_stalled', 'Nothing was taken for too long.'));
      void cut().catch(onFailure);
    }, stalledMs).unref();
  };
  return new ReadableStream<Uint8Array>(
    {
      start: wait,
      async pull(controller) {
        clearTimeout(stalled);
        try {
          const { done, value } = await next();
          if (done === true) {
            await end('complete');
            controller.close();
            return;
          }
          controller.enqueue(typeof value === 'string' ? Buffer.from(value) : value);
          wait(controller);
        } catch (error) {
          if (!(error instanceof CodedError && error.code === 'not_authenticated'))
            onFailure(error);
          await end('failed');
          controller.error(error);
        }
      },
      cancel: cut,
    },
    { highWaterMark: 0 },
  );
}
