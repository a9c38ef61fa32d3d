export {
  type FieldNote,
  type JsonObject,
  type MappedRecord,
  SOURCE_NAMES,
  type Source,
  type SourceName,
} from './map-record.ts';
export { oktaSource } from './okta/okta-source.ts';
