export {
  type EventColumn,
  type EventColumns,
  NUMBER_COLUMNS,
  TEXT_COLUMNS,
} from './fields/event-columns.ts';
export { type EventFacts, foldPerson, readColumns } from './fields/read-columns.ts';
export { shortenIp } from './values/spell-ip.ts';
