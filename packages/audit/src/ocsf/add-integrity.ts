// What the record_integrity profile of OCSF 1.9 will carry, in our extension until then: the place of an
// event in its tenant's chain. Added when an event is read, and no part of what the leaf is made of.

export interface Integrity {
  /** Place in the tenant's chain: from 1, without gaps. */
  number: number;
  /** Lower-case hex: SHA-256 over salt and the stored text. */
  leaf?: string | undefined;
  /** Lower-case hex: the chain after this event, which fixes all before it. */
  head?: string | undefined;
  /** The payload was taken out: number, time and leaf are what is left. */
  erased?: true | undefined;
}

type Json = Record<string, unknown>;

/** The event with `unmapped.countersign.integrity` and `metadata.sequence`; the one given stays as it is. */
export function addIntegrity(ocsf: Json, integrity: Integrity, sequence?: number): Json {
  const unmapped = objectOf(ocsf['unmapped']);
  const metadata = objectOf(ocsf['metadata']);
  return {
    ...ocsf,
    metadata: sequence === undefined ? metadata : { ...metadata, sequence },
    unmapped: {
      ...unmapped,
      countersign: { ...objectOf(unmapped['countersign']), integrity: withoutAbsent(integrity) },
    },
  };
}

export interface ErasedEvent {
  uid: string;
  timeMs: number;
  name: string;
  tenant: string;
  product: { name: string; version: string };
}

/** What stands in the place of an event whose payload was erased: an OCSF Base Event that says so. */
export function describeErased(event: ErasedEvent, integrity: Integrity, sequence: number): Json {
  const { uid, timeMs, name, tenant, product } = event;
  const base = {
    activity_id: 0,
    category_uid: 0,
    class_uid: 0,
    message: 'The personal data in this event was erased; its place and its leaf are kept.',
    metadata: {
      event_code: name,
      product: { ...product, vendor_name: 'Countersign' },
      tenant_uid: tenant,
      uid,
      version: '1.8.0',
    },
    severity_id: 1,
    time: timeMs,
    type_uid: 0,
    unmapped: { countersign: { event: name, v: 1 } },
  };
  return addIntegrity(base, { ...integrity, erased: true }, sequence);
}

function withoutAbsent({ number, leaf, head, erased }: Integrity): Json {
  return {
    number,
    ...(leaf === undefined ? {} : { leaf }),
    ...(head === undefined ? {} : { head }),
    ...(erased === undefined ? {} : { erased }),
  };
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
