// What the demo tenant holds, as data.

import type { Population } from '@countersign/vocabulary';
import { DEVICE_CODE_GRANT, type NewClient } from '../clients/client-record.ts';
import type { NewResource } from '../resources/resource-server.ts';

export const DEMO_RESOURCE = 'https://api.acme.example/';

export function demoResource(tenant: string): NewResource {
  return {
    tenant,
    identifier: DEMO_RESOURCE,
    name: 'Demo API',
    scopes: ['orders:read', 'orders:write', 'telemetry:write'],
  };
}

export interface DemoPerson {
  population: Population;
  username: string;
  name: string;
}

/** One for each population of people; devices sign in as clients. */
export const demoPeople: readonly DemoPerson[] = [
  { population: 'workforce', username: 'alice', name: 'Alice Ames' },
  { population: 'partner', username: 'bob', name: 'Bob Brandt' },
  { population: 'customer', username: 'carol', name: 'Carol Castillo' },
];

export interface DemoClient {
  population: Population;
  purpose: string;
  client: NewClient & { client_id: string };
}

const resources = [DEMO_RESOURCE];

/** RFC 8252 §7.3: any port of the loopback interface. */
const loopbackRedirects = [
  'http://127.0.0.1/callback',
  'http://[::1]/callback',
  'http://localhost/callback',
];

function webClient(population: Population): DemoClient {
  return {
    population,
    purpose: 'public client: authorization code + PKCE, refresh',
    client: {
      client_id: 'acme-web',
      client_name: 'Acme Web',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: loopbackRedirects,
      post_logout_redirect_uris: ['http://127.0.0.1/', 'http://localhost/'],
      first_party: true,
      resources,
    },
  };
}

function serviceClient(population: Population, id: string, name: string): DemoClient {
  return {
    population,
    purpose: 'confidential client: client credentials',
    client: {
      client_id: id,
      client_name: name,
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
      resources,
    },
  };
}

export const demoClients: readonly DemoClient[] = [
  webClient('workforce'),
  webClient('partner'),
  webClient('customer'),
  serviceClient('workforce', 'acme-service', 'Acme Service'),
  serviceClient('device', 'acme-sensor', 'Acme Sensor'),
  {
    population: 'customer',
    purpose: 'public client: device authorization, for a screen without keyboard',
    client: {
      client_id: 'acme-tv',
      client_name: 'Acme TV',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: [DEVICE_CODE_GRANT, 'refresh_token'],
      resources,
    },
  },
  {
    population: 'workforce',
    purpose: 'public client: code + PKCE, its tokens bound to its own key (DPoP)',
    client: {
      client_id: 'acme-dpop',
      client_name: 'Acme DPoP',
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: loopbackRedirects,
      dpop_bound_access_tokens: true,
      first_party: true,
      resources,
    },
  },
];
