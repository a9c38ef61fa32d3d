// The verb of an operation → the activity of OCSF 6003 API Activity: 1 create, 2 read, 3 update,
// 4 delete. The same four mean the same in 3004 Entity Management.

const VERBS: Readonly<Record<1 | 2 | 3 | 4, string>> = {
  1: 'create add put insert register grant run allocate new issue generate import upload copy publish provision invite start enroll clone restore request send submit',
  2: 'get list describe read view head search query lookup download export show check scan select fetch test evaluate preview estimate validate simulate count discover verify peek decrypt encrypt sign',
  3: 'update modify change set edit patch replace tag attach associate enable disable activate deactivate assign configure rename move reset rotate authorize promote toggle suspend unsuspend lock unlock accept apply upgrade convert migrate switch schedule failover reboot tune',
  4: 'delete remove revoke detach disassociate terminate deregister stop cancel untag release purge destroy unassign clear drop unlink decline reject withdraw expire unenroll leave deny block',
};

const activities: ReadonlyMap<string, number> = new Map(
  Object.entries(VERBS).flatMap(([id, verbs]) =>
    verbs.split(' ').map((verb): [string, number] => [verb, Number(id)]),
  ),
);

/** Undefined for a verb that nobody put on the list. */
export function crudActivityOf(verb: string | undefined): number | undefined {
  return verb === undefined ? undefined : activities.get(verb.toLowerCase());
}

/** The verb a name begins with, in camel, snake or kebab case: `GetObject`, `CHANGE_PASSWORD`, `BatchGetItem`. */
export function firstVerbOf(name: string): string | undefined {
  const [first, second] = name.slice(0, 200).match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  return first?.toLowerCase() === 'batch' ? second : first;
}
