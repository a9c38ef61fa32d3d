// How a column is cut into bins, written down once more and naively, for the property test alone.

/** Upper ends of all bins but the last. */
export function referenceBounds(cells: readonly number[], most: number): number[] {
  const known = cells.filter((cell) => !Number.isNaN(cell));
  const values = [...new Set(known)].sort((a, b) => a - b);
  const countOf = (value: number): number => known.filter((cell) => cell === value).length;
  const endAfter = (index: number): number => {
    const [low, high] = [values[index] as number, values[index + 1] as number];
    const middle = low / 2 + high / 2;
    return low <= middle && middle < high ? middle : low;
  };
  const gaps = values.slice(0, -1).map((_, index) => index);
  if (values.length <= most) return gaps.map(endAfter);
  const ends: number[] = [];
  let begun = 0;
  for (const index of gaps) {
    const binsLeft = most - ends.length;
    if (binsLeft === 1) break;
    // What the bins from here on have to share, and each one's fair part of it.
    const rowsLeft = values.slice(begun).reduce((sum, value) => sum + countOf(value), 0);
    const held = values.slice(begun, index + 1).reduce((sum, value) => sum + countOf(value), 0);
    const isFull = held * binsLeft >= rowsLeft;
    const nextIsFrequent = countOf(values[index + 1] as number) * binsLeft >= rowsLeft;
    if (!isFull && !nextIsFrequent) continue;
    ends.push(endAfter(index));
    begun = index + 1;
  }
  return ends;
}
