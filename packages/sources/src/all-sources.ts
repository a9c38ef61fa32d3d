// The sources there are. No record is recognised by two of them, so that their order says nothing.

import { cloudTrailSource } from './cloudtrail/cloudtrail-source.ts';
import { entraAudit } from './entra/entra-audit.ts';
import { entraSignIn } from './entra/entra-sign-in.ts';
import { ecsSource } from './generic/ecs-source.ts';
import { ocsfSource } from './generic/ocsf-source.ts';
import { gcpSource } from './google/gcp-source.ts';
import { workspaceSource } from './google/workspace-source.ts';
import { keycloakSource } from './keycloak/keycloak-source.ts';
import type { Source, SourceName } from './map-record.ts';
import { microsoft365 } from './microsoft-365/map-microsoft-365.ts';
import { oktaSource } from './okta/okta-source.ts';

export const ALL_SOURCES: readonly Source[] = [
  microsoft365,
  entraSignIn,
  entraAudit,
  oktaSource,
  cloudTrailSource,
  workspaceSource,
  gcpSource,
  keycloakSource,
  ocsfSource,
  ecsSource,
];

export function findSource(name: SourceName): Source | undefined {
  return ALL_SOURCES.find((source) => source.name === name);
}
