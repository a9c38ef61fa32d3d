// What goes to a sink, where it comes from, and what a sink says about it.

export interface PushedEvent {
  /** Place in the tenant's log: grows, and is never given twice. */
  position: number;
  /** `metadata.uid`: by it whoever receives an event twice knows that. */
  uid: string;
  timeMs: number;
  name: string;
  severityId: number;
  /** The event, exactly as stored. */
  ocsf: string;
}

export interface EventPage {
  events: PushedEvent[];
  /** Everything up to here is in `events`, or is not to be sent (erased, deleted). */
  through: number;
  /** The newest position of the tenant. */
  newest: number;
}

/** The tenant's log in its order, hot or sealed. */
export interface EventFeed {
  /** @param limit at most so many; `through` says how far the page reaches */
  readAfter(tenant: string, position: number, limit: number): Promise<EventPage>;
}

export interface RefusedEvent {
  position: number;
  /** In the sink's words, cut. */
  reason: string;
}

/** Of each event that was sent, what became of it. */
export interface SinkAnswer {
  taken: readonly number[];
  /** Not acceptable, and will not be. */
  refused: readonly RefusedEvent[];
  /** Not now. */
  again: readonly number[];
}

/** One kind of sink, opened with its settings and its secret. */
export interface Transport {
  /** @throws CodedError PushCode when nothing can be said of single events */
  send(events: readonly PushedEvent[], signal: AbortSignal): Promise<SinkAnswer>;
}

export function allTaken(events: readonly PushedEvent[]): SinkAnswer {
  return { taken: events.map(({ position }) => position), refused: [], again: [] };
}
