// For tests: builds JSON Schemas from the compiled OCSF schema, for exactly the profiles an event
// claims in `metadata.profiles` (the ready-made class schemas claim `cloud` and refuse the rest).

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface Attribute {
  type: string;
  object_type?: string;
  is_array?: boolean;
  requirement?: string;
  enum?: Record<string, unknown>;
  profiles?: string[] | null;
}
interface Definition {
  uid?: number;
  attributes: Record<string, Attribute>;
  constraints?: { at_least_one?: string[]; just_one?: string[] };
}
interface TypeDefinition {
  type?: string;
  regex?: string;
  max_len?: number;
  range?: [number, number];
  values?: unknown[];
}
interface Compiled {
  version: string;
  classes: Record<string, Definition>;
  objects: Record<string, Definition>;
  dictionary: { types: { attributes: Record<string, TypeDefinition> } };
}

const compiledFile = fileURLToPath(
  new URL('../../../../../shared/data/ocsf/ocsf-1.8.0.compiled.json.gz', import.meta.url),
);

export const ocsfSchemaIsHere = existsSync(compiledFile);

const INTEGERS = new Set(['integer_t', 'long_t', 'timestamp_t', 'port_t']);

export class OcsfSchema {
  readonly #compiled: Compiled;
  readonly #validators = new Map<string, ValidateFunction>();

  constructor() {
    this.#compiled = JSON.parse(gunzipSync(readFileSync(compiledFile)).toString('utf8'));
  }

  get version(): string {
    return this.#compiled.version;
  }

  /** The errors of an event against its class; empty when it is valid. */
  problems(event: { class_uid: number; metadata: { profiles?: string[] } }): string[] {
    const profiles = event.metadata.profiles ?? [];
    const key = `${event.class_uid}/${profiles.toSorted().join(',')}`;
    let validate = this.#validators.get(key);
    if (validate === undefined) {
      validate = new Ajv2020({ strict: false, allErrors: true }).compile(
        this.#schemaOf(event.class_uid, new Set(profiles)),
      );
      this.#validators.set(key, validate);
    }
    if (validate(event)) return [];
    return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
  }

  #schemaOf(classUid: number, profiles: ReadonlySet<string>): object {
    const found = Object.values(this.#compiled.classes).find(({ uid }) => uid === classUid);
    if (found === undefined) throw new Error(`OCSF has no class ${classUid}`);
    const definitions: Record<string, object> = {};
    const reached = ['$class'];
    const sources: Record<string, Definition> = { ...this.#compiled.objects, $class: found };
    for (let name = reached.pop(); name !== undefined; name = reached.pop()) {
      const source = sources[name];
      if (name in definitions || source === undefined) continue;
      definitions[name] = this.#objectSchema(source, profiles);
      for (const { object_type } of Object.values(source.attributes)) {
        if (object_type !== undefined) reached.push(object_type);
      }
    }
    return { $ref: '#/$defs/$class', $defs: definitions };
  }

  #objectSchema({ attributes, constraints }: Definition, profiles: ReadonlySet<string>): object {
    const known = Object.entries(attributes).filter(
      ([, { profiles: of }]) =>
        of === undefined || of === null || of.some((profile) => profiles.has(profile)),
    );
    // The object named `object` has no attributes of its own and holds anything.
    if (known.length === 0) return { type: 'object' };
    return {
      type: 'object',
      properties: Object.fromEntries(known.map(([name, of]) => [name, this.#valueSchema(of)])),
      required: known.filter(([, of]) => of.requirement === 'required').map(([name]) => name),
      additionalProperties: false,
      ...(constraints?.at_least_one === undefined
        ? {}
        : { anyOf: constraints.at_least_one.map((name) => ({ required: [name] })) }),
      ...(constraints?.just_one === undefined
        ? {}
        : { oneOf: constraints.just_one.map((name) => ({ required: [name] })) }),
    };
  }

  #valueSchema(attribute: Attribute): object {
    const one =
      attribute.object_type === undefined
        ? this.#scalarSchema(attribute)
        : { $ref: `#/$defs/${attribute.object_type}` };
    return attribute.is_array ? { type: 'array', items: one } : one;
  }

  #scalarSchema({ type, enum: names }: Attribute): object {
    const definition = this.#compiled.dictionary.types.attributes[type] ?? {};
    if (type === 'json_t') return {};
    if (type === 'boolean_t') return { type: 'boolean' };
    if (type === 'float_t') return { type: 'number' };
    const integer = INTEGERS.has(type) || definition.type === 'integer_t';
    const [minimum, maximum] = definition.range ?? [];
    return {
      type: integer ? 'integer' : 'string',
      ...(names === undefined
        ? {}
        : { enum: Object.keys(names).map((name) => (integer ? Number(name) : name)) }),
      ...(definition.regex === undefined ? {} : { pattern: definition.regex }),
      ...(definition.max_len === undefined ? {} : { maxLength: definition.max_len }),
      ...(minimum === undefined ? {} : { minimum, maximum }),
    };
  }
}
