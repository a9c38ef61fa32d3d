// What the security team finds, with the commands it would type: in the record of the server, and in an
// export on its own machine.

import { join } from 'node:path';
import { hashToken } from '../src/attack/forge-token.ts';
import { claim, type Found } from '../src/stage/tell-story.ts';
import { type House, VICTIM } from './stage.ts';

/** Written for this house in the shapes of the real logs: mailboxes read with tokens nobody issued. */
const RECORDS = join(import.meta.dirname, '../../packages/sources/fixtures/storm-0558');
const THIEF = '203.0.113.66';
/** A client that normally reads no mail. */
const UNUSUAL = 'b4d1a8f0-5c3e-4f6b-8a90-2e7d61c0f3ab';

interface Exposed {
  touched: { items: number; people: number; wholeFolders: number; atLeast: boolean };
  people: { person: string; items: { list: { id: string; in?: string }[] } }[];
}

interface Reconciled {
  ok: boolean;
  used: { uses: number; token: number; unissued: number };
  findings: { class: string; confidence: string; persons: string[]; items: number }[];
}

export async function askServer(house: House, forged: string): Promise<Found<void>> {
  const kid = String(house.genuine.header['kid']);
  const asked = [
    ['--token', hashToken(forged)],
    // A kid may begin with a hyphen.
    [`--key=${kid}`],
  ];
  for (const words of asked) {
    const { exitCode, json, complaint } = await house.type('audit', 'exposure', ...words);
    claim(
      exitCode === 0,
      `The exposure ended with ${exitCode}: ${complaint}${JSON.stringify(json)}`,
    );
    const { touched, people } = json as unknown as Exposed;
    const items = people.flatMap((page) => page.items.list);
    claim(touched.items === 3 && items.length === 3, `${words.join(' ')}: ${touched.items} items.`);
    claim(
      items.every((item) => item.in === VICTIM),
      'It names the mailbox of another person.',
    );
  }
  return {
    detail: `countersign audit exposure --token ${hashToken(forged).slice(0, 12)}…: 3 mails of ${VICTIM}, each by its id, with when and from where; the same by the stolen key, --key ${kid.slice(0, 12)}…`,
    value: undefined,
  };
}

export async function bringRecords({ type }: House): Promise<Found<void>> {
  const files = ['issued.json', 'used.ndjson', 'revoked.json'].map((name) => join(RECORDS, name));
  const first = await type('audit', 'import', ...files);
  claim(
    first.exitCode === 0,
    `The import ended with ${first.exitCode}: ${JSON.stringify(first.json)}`,
  );
  const again = await type('audit', 'import', ...files);
  const [recorded, known] = [Number(first.json['recorded']), Number(again.json['known'])];
  claim(recorded > 0 && Number(first.json['unmapped']) === 0, 'Not all of it is on record.');
  claim(known === recorded && again.json['recorded'] === 0, 'Importing again changed something.');
  return {
    detail: `countersign audit import: ${recorded} records, none of them of an unknown kind; brought in again, nothing changes`,
    value: undefined,
  };
}

/** As State did it, whose rule knew which applications read mail: here it is a count. */
export async function countReaders({ type }: House): Promise<Found<void>> {
  const { exitCode, json } = await type(
    ...['audit', 'count', 'source = microsoft-365 and operation = MailItemsAccessed'],
    ...['--by', 'app', '--distinct', 'person,ip'],
  );
  claim(exitCode === 0, `Counting ended with ${exitCode}: ${JSON.stringify(json)}`);
  const groups = json['groups'] as { key: string[]; count: number }[];
  claim(
    groups.some(({ key }) => key[0] === UNUSUAL),
    'The unusual client is not among them.',
  );
  const { json: found } = await type('audit', 'search', `app = ${UNUSUAL}`);
  const events = found['events'] as { ocsf?: object }[];
  claim(events.length > 0, 'Nothing is found of it.');
  return {
    detail: `countersign audit count --by app: ${groups.length} clients read mail; one of them is nobody's mail program, and countersign audit search shows its ${events.length} records`,
    value: undefined,
  };
}

/** @returns number of events that were on record */
export async function reconcileExport({ type }: House): Promise<Found<number>> {
  const exported = await type('audit', 'export', '--output', 'log.ndjson');
  claim(exported.exitCode === 0, `The export ended with ${exported.exitCode}.`);
  const { exitCode, json } = await type(
    ...['reconcile', '--issued', 'log.ndjson', '--used', 'log.ndjson'],
  );
  const { ok, used, findings } = json as unknown as Reconciled;
  claim(exitCode === 1 && !ok, `Reconciling ended with ${exitCode}.`);
  const forged = findings.filter((each) => each.class === 'never_issued');
  const named = forged.flatMap(({ persons }) => persons.filter((name) => name.includes('@')));
  const victims = [...new Set(named)].map((name) => name.slice(name.indexOf(':') + 1));
  claim(forged.length === 2, `${forged.length} forged tokens are found: ${JSON.stringify(json)}`);
  claim(
    forged.every(({ confidence }) => confidence === 'high'),
    'It is not sure.',
  );
  const exposed = await type('audit', 'exposure', '--ip', THIEF, 'log.ndjson');
  const { touched, people } = exposed.json as unknown as Exposed;
  const mailboxes = people.filter(({ person }) => person.includes('@')).length;
  claim(mailboxes === 3 && touched.atLeast, `The thief's address was in ${mailboxes} mailboxes.`);
  return {
    detail: `of ${used.uses} uses ${used.token} were issued; two tokens never were, and read mail of ${victims.join(', ')}; from their address at least ${touched.items} items and ${touched.wholeFolders} whole folder were read`,
    value: Number(exported.json['events']),
  };
}
