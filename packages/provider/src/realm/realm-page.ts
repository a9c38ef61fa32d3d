// A page in the name of a realm.

import type { Population } from '@countersign/vocabulary';
import type { Html } from '../pages/html.ts';
import { renderPage } from '../pages/page-frame.ts';
import type { RealmContext } from './realm-context.ts';

const POPULATION_NAMES: Readonly<Record<Population, string>> = {
  workforce: 'Workforce',
  partner: 'Partners',
  customer: 'Customers',
  device: 'Devices',
};

export function realmPage(realm: RealmContext, title: string, body: Html): string {
  return renderPage({
    title,
    organisation: realm.displayName,
    population: POPULATION_NAMES[realm.realm.population],
    host: new URL(realm.issuer).host,
    body,
  });
}
