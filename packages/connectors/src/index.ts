export type {
  OutboundAnswer,
  OutboundCode,
  OutboundRequest,
  Reach,
} from './outbound/send-request.ts';
