// Made by tools/ocsf-types.ts from the OCSF schema 1.8.0, (c) OCSF a Series of LF Projects, LLC,
// Apache License 2.0, in a changed form: attribute names, types and enumerations of the classes and
// objects used here, without descriptions and profiles. Do not edit: run the tool.

import type {
  OcsfActor,
  OcsfApi,
  OcsfDatabucket,
  OcsfFile,
  OcsfHttpRequest,
  OcsfNetworkEndpoint,
  OcsfProduct,
  OcsfUser,
} from './ocsf-objects.ts';

export interface OcsfAnalytic {
  algorithm?: string;
  category?: string;
  desc?: string;
  name?: string;
  state?: string;
  state_id?: 0 | 1 | 2 | 3 | 99;
  type?: string;
  type_id: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 99;
  uid?: string;
  version?: string;
}

export interface OcsfEvidences {
  actor?: OcsfActor;
  api?: OcsfApi;
  data?: unknown;
  databucket?: OcsfDatabucket;
  dst_endpoint?: OcsfNetworkEndpoint;
  file?: OcsfFile;
  http_request?: OcsfHttpRequest;
  name?: string;
  src_endpoint?: OcsfNetworkEndpoint;
  uid?: string;
  user?: OcsfUser;
  verdict?: string;
  verdict_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 99;
}

export interface OcsfFindingInfo {
  analytic?: OcsfAnalytic;
  created_time?: number;
  data_sources?: string[];
  desc?: string;
  first_seen_time?: number;
  last_seen_time?: number;
  modified_time?: number;
  product?: OcsfProduct;
  related_analytics?: OcsfAnalytic[];
  related_events?: OcsfRelatedEvent[];
  related_events_count?: number;
  src_url?: string;
  title?: string;
  types?: string[];
  uid: string;
  uid_alt?: string;
}

export interface OcsfRelatedEvent {
  count?: number;
  created_time?: number;
  desc?: string;
  first_seen_time?: number;
  last_seen_time?: number;
  modified_time?: number;
  product?: OcsfProduct;
  severity?: string;
  severity_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 99;
  status?: string;
  title?: string;
  type?: string;
  type_name?: string;
  type_uid?: number;
  uid: string;
}
