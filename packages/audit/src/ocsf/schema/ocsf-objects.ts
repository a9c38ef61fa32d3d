// Made by tools/ocsf-types.ts from the OCSF schema 1.8.0, (c) OCSF a Series of LF Projects, LLC,
// Apache License 2.0, in a changed form: attribute names, types and enumerations of the classes and
// objects used here, without descriptions and profiles. Do not edit: run the tool.

export interface OcsfActor {
  app_name?: string;
  app_uid?: string;
  session?: OcsfSession;
  user?: OcsfUser;
}

export interface OcsfApi {
  group?: OcsfGroup;
  operation: string;
  service?: OcsfService;
  token?: OcsfToken;
  version?: string;
}

export interface OcsfAuthenticationToken {
  created_time?: number;
  expiration_time?: number;
  is_renewable?: boolean;
  kerberos_flags?: string;
  modified_time?: number;
  name?: string;
  tenant_uid?: string;
  type?: string;
  type_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 99;
  uid?: string;
  zone?: string;
}

export interface OcsfDatabucket {
  created_time?: number;
  criticality?: string;
  data?: unknown;
  desc?: string;
  file?: OcsfFile;
  groups?: OcsfGroup[];
  hostname?: string;
  ip?: string;
  is_backed_up?: boolean;
  is_encrypted?: boolean;
  is_public?: boolean;
  labels?: string[];
  modified_time?: number;
  name?: string;
  namespace?: string;
  owner?: OcsfUser;
  size?: number;
  type?: string;
  type_id: 0 | 1 | 2 | 3 | 99;
  uid?: string;
  uid_alt?: string;
  version?: string;
}

export interface OcsfFile {
  accessed_time?: number;
  accessor?: OcsfUser;
  attributes?: number;
  company_name?: string;
  confidentiality?: string;
  confidentiality_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 99;
  created_time?: number;
  creator?: OcsfUser;
  desc?: string;
  drive_type?: string;
  drive_type_id?: 0 | 1 | 2 | 3 | 4 | 5 | 99;
  ext?: string;
  imported_symbols?: string[];
  internal_name?: string;
  is_deleted?: boolean;
  is_encrypted?: boolean;
  is_readonly?: boolean;
  is_system?: boolean;
  mime_type?: string;
  modified_time?: number;
  modifier?: OcsfUser;
  name: string;
  owner?: OcsfUser;
  parent_folder?: string;
  path?: string;
  product?: OcsfProduct;
  security_descriptor?: string;
  size?: number;
  type?: string;
  type_id: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 99;
  uid?: string;
  uri?: string;
  version?: string;
  volume?: string;
  xattributes?: object;
}

export interface OcsfGroup {
  desc?: string;
  domain?: string;
  name?: string;
  privileges?: string[];
  type?: string;
  uid?: string;
  uid_alt?: string;
}

export interface OcsfHttpRequest {
  args?: string;
  body_length?: number;
  http_method?: string;
  length?: number;
  referrer?: string;
  uid?: string;
  user_agent?: string;
  version?: string;
  x_forwarded_for?: string[];
}

export interface OcsfManagedEntity {
  data?: unknown;
  group?: OcsfGroup;
  name?: string;
  policy?: OcsfPolicy;
  type?: string;
  type_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 99;
  uid?: string;
  user?: OcsfUser;
  version?: string;
}

export interface OcsfMetadata {
  correlation_uid?: string;
  debug?: string[];
  event_code?: string;
  is_truncated?: boolean;
  labels?: string[];
  log_format?: string;
  log_level?: string;
  log_name?: string;
  log_provider?: string;
  log_source?: string;
  log_version?: string;
  logged_time?: number;
  modified_time?: number;
  original_event_uid?: string;
  original_time?: string;
  processed_time?: number;
  product: OcsfProduct;
  profiles?: string[];
  sequence?: number;
  source?: string;
  tenant_uid?: string;
  transmit_time?: number;
  type?: string;
  uid?: string;
  untruncated_size?: number;
  version: string;
}

export interface OcsfNetworkEndpoint {
  domain?: string;
  hostname?: string;
  instance_uid?: string;
  interface_name?: string;
  interface_uid?: string;
  intermediate_ips?: string[];
  ip?: string;
  isp?: string;
  isp_org?: string;
  mac?: string;
  mac_vendor?: string;
  name?: string;
  network_scope?: string;
  network_scope_id?: 0 | 1 | 2 | 99;
  owner?: OcsfUser;
  pool?: OcsfGroup;
  port?: number;
  subnet_uid?: string;
  svc_name?: string;
  type?: string;
  type_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 99;
  uid?: string;
  vlan_uid?: string;
  vpc_uid?: string;
  zone?: string;
}

export interface OcsfPolicy {
  data?: unknown;
  desc?: string;
  group?: OcsfGroup;
  is_applied?: boolean;
  name?: string;
  type?: string;
  uid?: string;
  version?: string;
}

export interface OcsfProduct {
  cpe_name?: string;
  lang?: string;
  name?: string;
  path?: string;
  uid?: string;
  url_string?: string;
  vendor_name?: string;
  version?: string;
}

export interface OcsfService {
  labels?: string[];
  name?: string;
  uid?: string;
  version?: string;
}

export interface OcsfSession {
  count?: number;
  created_time?: number;
  credential_uid?: string;
  expiration_reason?: string;
  expiration_time?: number;
  is_mfa?: boolean;
  is_remote?: boolean;
  is_vpn?: boolean;
  issuer?: string;
  terminal?: string;
  uid?: string;
  uid_alt?: string;
  uuid?: string;
}

export interface OcsfToken {
  created_time?: number;
  expiration_time?: number;
  is_renewable?: boolean;
  modified_time?: number;
  name?: string;
  tenant_uid?: string;
  type?: string;
  type_id?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 99;
  uid?: string;
  zone?: string;
}

export interface OcsfUser {
  display_name?: string;
  domain?: string;
  email_addr?: string;
  forward_addr?: string;
  full_name?: string;
  groups?: OcsfGroup[];
  has_mfa?: boolean;
  name?: string;
  phone_number?: string;
  risk_level?: string;
  risk_level_id?: 0 | 1 | 2 | 3 | 4 | 99;
  risk_score?: number;
  type?: string;
  type_id?: 0 | 1 | 2 | 3 | 4 | 99;
  uid?: string;
  uid_alt?: string;
}
