// The part of the catalogue about people, apps, what they may do, and the data they touch.

import type { ActorFacts, EventName } from '@countersign/vocabulary';
import { access, type CatalogueEntry, person, realm, request, timeMs } from './example-facts.ts';

const operator: ActorFacts = { kind: 'operator', id: 'op-ana' };
const account = { realm, subject: 'p-7f3k', actor: operator };
const mailApp = { kind: 'client', id: 'mail-web', name: 'Mail' };

export const peopleAndAppEvents = {
  'account.created': {
    when: 'An account was made.',
    facts: 'subject (the account), actor, change.after',
    example: { name: 'account.created', timeMs, ...account, change: { after: { enabled: true } } },
  },
  'account.changed': {
    when: 'An account, or a way to sign in to it, was changed.',
    facts:
      'subject, actor, change, item (the passkey, of factor_…), reason (passkey_cloned, of factor_stopped: severity high), operation: enabled, disabled, locked, unlocked, password_changed, password_reset, factor_enrolled, factor_changed, factor_stopped, factor_removed, profile_changed',
    example: {
      name: 'account.changed',
      timeMs,
      ...account,
      operation: 'disabled',
      change: { before: { enabled: true }, after: { enabled: false } },
    },
  },
  'account.removed': {
    when: 'An account was removed.',
    facts: 'subject, actor',
    example: { name: 'account.removed', timeMs, ...account },
  },
  'role.changed': {
    when: 'A role of a person or an app was granted or revoked.',
    facts: 'subject or clientId (whose), item (the role), actor, operation: granted, revoked',
    example: {
      name: 'role.changed',
      timeMs,
      ...account,
      item: { kind: 'role', id: 'helpdesk' },
      operation: 'granted',
    },
  },
  'group.changed': {
    when: 'A group, its privileges, or who is in it, was changed.',
    facts:
      'item (the group), subject (the member), actor, operation: created, removed, user_added, user_removed, privileges_granted, privileges_revoked',
    example: {
      name: 'group.changed',
      timeMs,
      ...account,
      item: { kind: 'group', id: 'g-5', name: 'Finance' },
      operation: 'user_added',
    },
  },
  'session.changed': {
    when: 'A session that exists was given another sign-in of its person, or a further factor. Another person ends it: session.ended, then session.started.',
    facts: 'subject, sessionId, token.rootAuthId, request, operation: reauthenticated, factor',
    example: { name: 'session.changed', timeMs, realm, ...person, operation: 'reauthenticated' },
  },
  'session.privileged': {
    when: 'A session began that carries a role or group with special privileges.',
    facts: 'subject, sessionId, item (role or group), operation: role, group',
    example: {
      name: 'session.privileged',
      timeMs,
      realm,
      ...person,
      item: { kind: 'role', id: 'administrator' },
      operation: 'role',
    },
  },
  'operator.created': {
    when: 'A person was given the right to administer this installation, by another: severity high, because that other may have kept a copy.',
    facts: 'subject (who gave it), request, extra.operator',
    example: {
      name: 'operator.created',
      timeMs,
      subject: 'op-ana',
      request,
      extra: { operator: 'op-ben' },
    },
  },
  'operator.ended': {
    when: 'The right of a person to administer this installation was ended.',
    facts: 'actor, item (the operator), reason',
    example: {
      name: 'operator.ended',
      timeMs,
      actor: operator,
      item: { kind: 'operator', id: 'op-ben' },
    },
  },
  'tenant.created': {
    when: 'A tenant was made: the first event of its own log.',
    facts: 'tenant, actor, item (the tenant)',
    example: {
      name: 'tenant.created',
      timeMs,
      tenant: 'acme',
      actor: { kind: 'system', id: 'first run' },
      item: { kind: 'tenant', id: 'acme' },
    },
  },
  'client.created': {
    when: 'An app was registered.',
    facts: 'item (the app), actor, change.after',
    example: {
      name: 'client.created',
      timeMs,
      realm,
      actor: operator,
      item: mailApp,
      change: { after: { redirectUris: 'https://mail.acme.example/callback' } },
    },
  },
  'client.changed': {
    when: 'An app was changed: redirect URI, secret, certificate, grant types, enabled.',
    facts:
      'item (the app), actor, change, operation: redirect_uris_changed, secret_rotated, certificate_changed, enabled, disabled, changed',
    example: {
      name: 'client.changed',
      timeMs,
      realm,
      actor: operator,
      item: mailApp,
      operation: 'redirect_uris_changed',
      change: {
        before: { redirectUris: 'https://mail.acme.example/callback' },
        after: { redirectUris: 'https://mail.acme.example/callback https://evil.example/cb' },
      },
    },
  },
  'client.removed': {
    when: 'An app was removed.',
    facts: 'item (the app), actor',
    example: { name: 'client.removed', timeMs, realm, actor: operator, item: mailApp },
  },
  'consent.granted': {
    when: 'A person, or an administrator for all, let an app act for them.',
    facts: 'subject, clientId, item (the app), actor, change (scopes, resourceScopes)',
    example: {
      name: 'consent.granted',
      timeMs,
      realm,
      ...person,
      item: mailApp,
      change: { before: { scopes: 'openid' }, after: { scopes: 'openid mail.read' } },
    },
  },
  'consent.withdrawn': {
    when: 'A person took back what they let an app do. The tokens it has are revoked by themselves.',
    facts: 'subject, clientId, item (the app), actor',
    example: { name: 'consent.withdrawn', timeMs, realm, ...person, item: mailApp },
  },
  'federation.changed': {
    when: 'Trust in another issuer was made, changed or ended.',
    facts: 'item (the issuer), actor, change, operation: created, changed, removed',
    example: {
      name: 'federation.changed',
      timeMs,
      realm,
      actor: operator,
      item: { kind: 'issuer', id: 'https://login.partner.example' },
      operation: 'created',
    },
  },
  'policy.changed': {
    when: 'A policy (of sign-in, of keys, of a resource server) was made, changed or removed.',
    facts: 'item (kind and id of the policy), actor, change, operation: created, changed, removed',
    example: {
      name: 'policy.changed',
      timeMs,
      realm,
      actor: operator,
      item: { kind: 'signing', id: 'https://id.example/acme/workforce' },
      operation: 'changed',
      change: { before: { lifetimeSeconds: 600 }, after: { lifetimeSeconds: 300 } },
    },
  },
  'app.first_seen': {
    when: 'An app touched a class of resources that no baseline of its tenant knows.',
    facts: 'clientId, item, token, causedBy',
    example: {
      name: 'app.first_seen',
      timeMs,
      realm,
      clientId: 'mail-web',
      item: { kind: 'mail', id: 'INBOX', in: 'ana@acme.example' },
    },
  },
  'data.accessed': {
    when: 'An item was read, searched, sent, shared or changed. Files, folders and sites are class 6006.',
    facts:
      'subject, clientId, sessionId, token.jtiHash, item (kind: mail, folder, file, site, object, row, secret, other), count, operation: read, sync, search, list, send, export, share, download, upload, create, update, write, delete',
    example: {
      name: 'data.accessed',
      timeMs,
      realm,
      ...person,
      token: access,
      request,
      item: { kind: 'mail', id: '<a@acme.example>', in: 'ana@acme.example' },
      operation: 'read',
      count: 1,
    },
  },
} satisfies Partial<Record<EventName, CatalogueEntry>>;
