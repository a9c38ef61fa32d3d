// Why a feed was not taken over. The last good one stays in force until it is too old.

export type FeedRefusalCode =
  | 'feed_malformed'
  | 'feed_of_other_log'
  | 'feed_rolled_back'
  | 'feed_equivocates'
  | 'feed_from_future'
  | 'feed_unavailable';

export class FeedRefusal extends Error {
  readonly code: FeedRefusalCode;

  constructor(code: FeedRefusalCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FeedRefusal';
    this.code = code;
  }
}
