export {
  type AggregateAnswer,
  type AggregateRequest,
  aggregateRequestSchema,
  type EventGroup,
  type FoundEvent,
  type SearchPage,
  type SearchRequest,
  type SearchScope,
  searchRequestSchema,
} from './query/search-request.ts';
