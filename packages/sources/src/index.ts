export { ALL_SOURCES, findSource } from './all-sources.ts';
export type { ReadProblem, ReadProblemCode, TellProblem } from './bytes/read-problem.ts';
export { cloudTrailSource } from './cloudtrail/cloudtrail-source.ts';
export type {
  DigestFinding,
  DigestFolder,
  DigestReport,
} from './cloudtrail/digest/digest-report.ts';
export { readPublicKeys } from './cloudtrail/digest/read-public-keys.ts';
export { verifyDigests } from './cloudtrail/digest/verify-digests.ts';
export { viewCloudTrail } from './cloudtrail/view-cloudtrail.ts';
export { entraAudit } from './entra/entra-audit.ts';
export { entraSignIn } from './entra/entra-sign-in.ts';
export { viewEntra } from './entra/view-entra.ts';
export { ecsSource } from './generic/ecs-source.ts';
export { ocsfSource } from './generic/ocsf-source.ts';
export { gcpSource } from './google/gcp-source.ts';
export { viewGoogle } from './google/view-google.ts';
export { workspaceSource } from './google/workspace-source.ts';
export { keycloakSource } from './keycloak/keycloak-source.ts';
export { type MappedAnything, RecordMapper } from './map-any.ts';
export {
  type FieldNote,
  type JsonObject,
  type MappedRecord,
  SOURCE_NAMES,
  type Source,
  type SourceName,
} from './map-record.ts';
export { microsoft365 } from './microsoft-365/map-microsoft-365.ts';
export { viewMicrosoft365 } from './microsoft-365/view-microsoft-365.ts';
export { oktaSource } from './okta/okta-source.ts';
export { viewOkta } from './okta/view-okta.ts';
export { maskText } from './reading/mask-secrets.ts';
export { parseRecord } from './records/parse-record.ts';
export { type ReadOptions, type ReadRecord, readRecords } from './records/read-records.ts';
