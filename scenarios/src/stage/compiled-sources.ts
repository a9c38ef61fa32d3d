// What a process of ours that starts with an environment of its own must still be told: where the
// sources that another one compiled are kept (NODE_COMPILE_CACHE). Without, it compiles them again.

export function compiledSources(): { NODE_COMPILE_CACHE?: string } {
  const { NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE };
}
