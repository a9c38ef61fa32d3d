// TypeScript out of the compiled OCSF schema: the classes we emit and the objects in them, without
// profiles. Two files, because one would be longer than a file of ours may be.

interface Attribute {
  type: string;
  object_type?: string;
  is_array?: boolean;
  requirement?: string;
  enum?: Record<string, unknown>;
  profiles?: string[] | null;
  '@deprecated'?: unknown;
}

interface Definition {
  uid?: number;
  caption?: string;
  attributes: Record<string, Attribute>;
}

export interface CompiledSchema {
  version: string;
  classes: Record<string, Definition>;
  objects: Record<string, Definition>;
}

/** audit.md §2, the table: class numbers of everything that is recorded here. */
const CLASSES = [2004, 2005, 3001, 3002, 3003, 3004, 3005, 3006, 6002, 6003, 6005, 6006];
/** The objects of these classes that we write; attributes of other objects are left out. */
const COMMON_OBJECTS = [
  ...['actor', 'api', 'authentication_token', 'databucket', 'file', 'group', 'http_request'],
  ...['managed_entity', 'metadata', 'network_endpoint', 'policy', 'product', 'service'],
  ...['session', 'token', 'user'],
];
const FINDING_OBJECTS = ['analytic', 'evidences', 'finding_info', 'related_event'];
const OBJECTS = [...COMMON_OBJECTS, ...FINDING_OBJECTS];
const NUMBERS = new Set(['integer_t', 'long_t', 'float_t', 'timestamp_t', 'port_t']);
const MOST_LITERALS = 20;
/** Taken from tables and checked by the schema itself in tests; literals would help nobody. */
const COMPUTED: ReadonlySet<string> = new Set(['activity_id', 'type_uid']);

export interface TypeTexts {
  classes: string;
  objects: string;
  findings: string;
}

export function renderTypes(schema: CompiledSchema): TypeTexts {
  const classes = CLASSES.map((uid) => findClass(schema, uid));
  const shared = sharedNames(classes);
  const first = classes[0] as Definition;
  const base = pick(first, (name) => shared.has(name));
  const rendered = classes.map((one) =>
    renderInterface(nameOf(one.caption ?? ''), one, {
      own: (name) => !shared.has(name) || name === 'class_uid',
      base: 'BaseEvent',
    }),
  );
  const union = classes.map((one) => nameOf(one.caption ?? ''));
  const used = usedObjects(classes);
  const inFindings = usedObjects(FINDING_OBJECTS.map((name) => objectOf(schema, name)));
  return {
    classes: [
      header(schema.version),
      importOf(
        'findings',
        used.filter((name) => FINDING_OBJECTS.includes(name)),
      ),
      importOf(
        'objects',
        used.filter((name) => COMMON_OBJECTS.includes(name)),
      ),
      renderInterface('BaseEvent', base, {}),
      ...rendered,
      `export type OcsfEvent =\n${union.map((name) => `  | ${name}`).join('\n')};\n`,
    ].join('\n'),
    objects: renderObjects(schema, COMMON_OBJECTS, ''),
    findings: renderObjects(
      schema,
      FINDING_OBJECTS,
      importOf(
        'objects',
        inFindings.filter((name) => COMMON_OBJECTS.includes(name)),
      ),
    ),
  };
}

function renderObjects(schema: CompiledSchema, names: readonly string[], imports: string): string {
  const rendered = names.map((name) =>
    renderInterface(objectName(name), objectOf(schema, name), {}),
  );
  return [header(schema.version), imports, ...rendered].join('\n');
}

function importOf(file: string, names: readonly string[]): string {
  const list = names.map((name) => `  ${objectName(name)},\n`).join('');
  return `import type {\n${list}} from './ocsf-${file}.ts';\n`;
}

function header(version: string): string {
  return `// Made by tools/ocsf-types.ts from the OCSF schema ${version}, (c) OCSF a Series of LF Projects, LLC,
// Apache License 2.0, in a changed form: attribute names, types and enumerations of the classes and
// objects used here, without descriptions and profiles. Do not edit: run the tool.
`;
}

interface Part {
  /** Which attributes are written; default all. */
  own?: (name: string) => boolean;
  base?: string;
}

function renderInterface(name: string, { attributes }: Definition, { own, base }: Part): string {
  const members = Object.entries(attributes)
    .filter(([attribute, of]) => isWritten(of) && (own?.(attribute) ?? true))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([attribute, of]) => {
      const type = COMPUTED.has(attribute) ? 'number' : typeOf(of);
      return `  ${attribute}${isRequired(of) ? '' : '?'}: ${type};`;
    });
  const extending = base === undefined ? '' : ` extends ${base}`;
  return [`export interface ${name}${extending} {`, ...members, '}', ''].join('\n');
}

function typeOf({ type, object_type, is_array, enum: names }: Attribute): string {
  const one = object_type === undefined ? scalarType(type, names) : objectType(object_type);
  if (is_array !== true) return one;
  return one.includes('|') ? `(${one})[]` : `${one}[]`;
}

function scalarType(type: string, names: Record<string, unknown> | undefined): string {
  if (type === 'json_t') return 'unknown';
  if (type === 'boolean_t') return 'boolean';
  if (!NUMBERS.has(type)) return 'string';
  const literals = Object.keys(names ?? {}).map(Number);
  if (literals.length === 0 || literals.length > MOST_LITERALS) return 'number';
  return literals.sort((one, other) => one - other).join(' | ');
}

/** The object named `object` holds anything. */
function objectType(name: string): string {
  return name === 'object' ? 'object' : objectName(name);
}

function isWritten(attribute: Attribute): boolean {
  const { profiles, object_type } = attribute;
  if (profiles !== undefined && profiles !== null && profiles.length > 0) return false;
  if (attribute['@deprecated'] !== undefined) return false;
  return object_type === undefined || object_type === 'object' || OBJECTS.includes(object_type);
}

function isRequired({ requirement }: Attribute): boolean {
  return requirement === 'required';
}

/** Attributes that all classes have in the same form. */
function sharedNames(classes: readonly Definition[]): Set<string> {
  const [first, ...others] = classes as [Definition, ...Definition[]];
  const names = Object.keys(first.attributes).filter((name) =>
    others.every(({ attributes }) => {
      const of = attributes[name];
      const mine = first.attributes[name];
      if (of === undefined || mine === undefined || isRequired(of) !== isRequired(mine))
        return false;
      return COMPUTED.has(name) || name === 'class_uid' || typeOf(of) === typeOf(mine);
    }),
  );
  return new Set(names.filter((name) => name !== 'category_uid'));
}

function pick({ attributes }: Definition, keep: (name: string) => boolean): Definition {
  const kept = Object.entries(attributes).filter(([name]) => keep(name) && name !== 'class_uid');
  return { attributes: Object.fromEntries(kept) };
}

function usedObjects(definitions: readonly Definition[]): string[] {
  const all = definitions.flatMap(({ attributes }) => Object.values(attributes));
  const written = all.filter(isWritten).flatMap(({ object_type }) => object_type ?? []);
  return [...new Set(written)].sort();
}

function findClass({ classes }: CompiledSchema, uid: number): Definition {
  const found = Object.values(classes).find((one) => one.uid === uid);
  if (found === undefined) throw new Error(`OCSF has no class ${uid}`);
  return found;
}

function objectOf({ objects }: CompiledSchema, name: string): Definition {
  const found = objects[name];
  if (found === undefined) throw new Error(`OCSF has no object ${name}`);
  return found;
}

function nameOf(caption: string): string {
  return caption.replaceAll(/[^A-Za-z0-9]/g, '');
}

function objectName(name: string): string {
  const words = name.split('_').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  return `Ocsf${words.join('')}`;
}
