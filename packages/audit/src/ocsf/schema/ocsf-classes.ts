// Made by tools/ocsf-types.ts from the OCSF schema 1.8.0, (c) OCSF a Series of LF Projects, LLC,
// Apache License 2.0, in a changed form: attribute names, types and enumerations of the classes and
// objects used here, without descriptions and profiles. Do not edit: run the tool.

import type { OcsfEvidences, OcsfFindingInfo } from './ocsf-findings.ts';

import type {
  OcsfActor,
  OcsfApi,
  OcsfAuthenticationToken,
  OcsfDatabucket,
  OcsfFile,
  OcsfGroup,
  OcsfHttpRequest,
  OcsfManagedEntity,
  OcsfMetadata,
  OcsfNetworkEndpoint,
  OcsfPolicy,
  OcsfProduct,
  OcsfService,
  OcsfSession,
  OcsfUser,
} from './ocsf-objects.ts';

export interface BaseEvent {
  activity_id: number;
  activity_name?: string;
  category_name?: string;
  class_name?: string;
  confidence?: string;
  confidence_id?: 0 | 1 | 2 | 3 | 99;
  confidence_score?: number;
  count?: number;
  duration?: number;
  end_time?: number;
  is_alert?: boolean;
  message?: string;
  metadata: OcsfMetadata;
  raw_data?: string;
  raw_data_size?: number;
  risk_details?: string;
  risk_level?: string;
  risk_level_id?: 0 | 1 | 2 | 3 | 4 | 99;
  risk_score?: number;
  severity?: string;
  severity_id: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 99;
  start_time?: number;
  status?: string;
  status_code?: string;
  status_detail?: string;
  time: number;
  timezone_offset?: number;
  type_name?: string;
  type_uid: number;
  unmapped?: object;
}

export interface DetectionFinding extends BaseEvent {
  category_uid: 2;
  class_uid: 2004;
  comment?: string;
  evidences?: OcsfEvidences[];
  finding_info: OcsfFindingInfo;
  impact?: string;
  impact_id?: 0 | 1 | 2 | 3 | 4 | 99;
  impact_score?: number;
  status_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 99;
}

export interface IncidentFinding extends BaseEvent {
  assignee?: OcsfUser;
  assignee_group?: OcsfGroup;
  category_uid: 2;
  class_uid: 2005;
  comment?: string;
  desc?: string;
  finding_info_list: OcsfFindingInfo[];
  impact?: string;
  impact_id?: 0 | 1 | 2 | 3 | 4 | 99;
  impact_score?: number;
  is_suspected_breach?: boolean;
  priority?: string;
  priority_id?: 0 | 1 | 2 | 3 | 4 | 99;
  src_url?: string;
  status_id: 0 | 1 | 2 | 3 | 4 | 5 | 99;
  verdict?: string;
  verdict_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 99;
}

export interface AccountChange extends BaseEvent {
  actor?: OcsfActor;
  category_uid: 3;
  class_uid: 3001;
  http_request?: OcsfHttpRequest;
  policies?: OcsfPolicy[];
  src_endpoint?: OcsfNetworkEndpoint;
  status_id?: 0 | 1 | 2 | 99;
  user: OcsfUser;
  user_result?: OcsfUser;
}

export interface Authentication extends BaseEvent {
  account_switch_type?: string;
  account_switch_type_id?: 0 | 1 | 2 | 99;
  actor?: OcsfActor;
  auth_protocol?: string;
  auth_protocol_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 99;
  authentication_token?: OcsfAuthenticationToken;
  category_uid: 3;
  class_uid: 3002;
  dst_endpoint?: OcsfNetworkEndpoint;
  http_request?: OcsfHttpRequest;
  is_cleartext?: boolean;
  is_mfa?: boolean;
  is_new_logon?: boolean;
  is_remote?: boolean;
  logon_type?: string;
  logon_type_id?: 0 | 1 | 2 | 3 | 4 | 5 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 99;
  service?: OcsfService;
  session?: OcsfSession;
  src_endpoint?: OcsfNetworkEndpoint;
  status_id?: 0 | 1 | 2 | 99;
  user: OcsfUser;
}

export interface AuthorizeSession extends BaseEvent {
  actor?: OcsfActor;
  category_uid: 3;
  class_uid: 3003;
  dst_endpoint?: OcsfNetworkEndpoint;
  group?: OcsfGroup;
  http_request?: OcsfHttpRequest;
  privileges?: string[];
  session?: OcsfSession;
  src_endpoint?: OcsfNetworkEndpoint;
  status_id?: 0 | 1 | 2 | 99;
  user: OcsfUser;
}

export interface EntityManagement extends BaseEvent {
  access_list?: string[];
  access_mask?: number;
  actor?: OcsfActor;
  category_uid: 3;
  class_uid: 3004;
  comment?: string;
  entity: OcsfManagedEntity;
  entity_result?: OcsfManagedEntity;
  http_request?: OcsfHttpRequest;
  src_endpoint?: OcsfNetworkEndpoint;
  status_id?: 0 | 1 | 2 | 99;
}

export interface UserAccessManagement extends BaseEvent {
  actor?: OcsfActor;
  category_uid: 3;
  class_uid: 3005;
  http_request?: OcsfHttpRequest;
  privileges: string[];
  src_endpoint?: OcsfNetworkEndpoint;
  status_id?: 0 | 1 | 2 | 99;
  user: OcsfUser;
}

export interface GroupManagement extends BaseEvent {
  actor?: OcsfActor;
  category_uid: 3;
  class_uid: 3006;
  group: OcsfGroup;
  http_request?: OcsfHttpRequest;
  privileges?: string[];
  src_endpoint?: OcsfNetworkEndpoint;
  status_id?: 0 | 1 | 2 | 99;
  subgroup?: OcsfGroup;
  user?: OcsfUser;
}

export interface ApplicationLifecycle extends BaseEvent {
  app: OcsfProduct;
  category_uid: 6;
  class_uid: 6002;
  status_id?: 0 | 1 | 2 | 99;
}

export interface APIActivity extends BaseEvent {
  actor: OcsfActor;
  api: OcsfApi;
  category_uid: 6;
  class_uid: 6003;
  dst_endpoint?: OcsfNetworkEndpoint;
  http_request?: OcsfHttpRequest;
  src_endpoint: OcsfNetworkEndpoint;
  status_id?: 0 | 1 | 2 | 99;
}

export interface DatastoreActivity extends BaseEvent {
  actor: OcsfActor;
  category_uid: 6;
  class_uid: 6005;
  databucket?: OcsfDatabucket;
  dst_endpoint?: OcsfNetworkEndpoint;
  http_request?: OcsfHttpRequest;
  src_endpoint: OcsfNetworkEndpoint;
  status_id?: 0 | 1 | 2 | 99;
  type?: string;
  type_id?: 0 | 1 | 2 | 3 | 99;
}

export interface FileHostingActivity extends BaseEvent {
  access_list?: string[];
  access_mask?: number;
  access_result?: unknown;
  actor: OcsfActor;
  category_uid: 6;
  class_uid: 6006;
  dst_endpoint?: OcsfNetworkEndpoint;
  expiration_time?: number;
  file: OcsfFile;
  file_result?: OcsfFile;
  http_request?: OcsfHttpRequest;
  share?: string;
  share_type?: string;
  share_type_id?: 0 | 1 | 2 | 3 | 99;
  src_endpoint: OcsfNetworkEndpoint;
  status_id?: 0 | 1 | 2 | 99;
}

export type OcsfEvent =
  | DetectionFinding
  | IncidentFinding
  | AccountChange
  | Authentication
  | AuthorizeSession
  | EntityManagement
  | UserAccessManagement
  | GroupManagement
  | ApplicationLifecycle
  | APIActivity
  | DatastoreActivity
  | FileHostingActivity;
