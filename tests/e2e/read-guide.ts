// A guide as the commands that a reader would type.

/** Each on one line, without `npx countersign`. */
export function commandsOf(guide: string): string[] {
  const blocks = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks.flatMap((block) =>
    block
      .split('\n')
      .filter((line) => line.startsWith('npx countersign '))
      .map((line) => line.slice('npx countersign '.length)),
  );
}
