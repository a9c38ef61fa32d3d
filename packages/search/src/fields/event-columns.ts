// The columns an event is found by, here and in every segment file. What a filter calls a field is one of
// these; anything else is a path into the event itself.

export const TEXT_COLUMNS = [
  'uid',
  'name',
  'person',
  'person_name',
  'actor',
  'app',
  'session',
  'ip',
  'country',
  'user_agent',
  'kid',
  'token',
  'audience',
  'resource',
  'operation',
  'source',
] as const;

export const NUMBER_COLUMNS = [
  'time_ms',
  'logged_ms',
  'class_uid',
  'activity_id',
  'type_uid',
  'severity_id',
  'status_id',
  'asn',
] as const;

export type TextColumn = (typeof TEXT_COLUMNS)[number];
export type NumberColumn = (typeof NUMBER_COLUMNS)[number];
export type EventColumn = TextColumn | NumberColumn;

/** Null where the event does not say. Numbers are whole. */
export type EventColumns = Record<TextColumn, string | null> & Record<NumberColumn, number | null>;
