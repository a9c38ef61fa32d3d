// How many cuts it takes on average to find one of so many rows in a random tree: what a path that was
// not followed to its end would still have been long (Liu, Ting, Zhou 2008, equation 1).

/** Harmonic numbers up to here are added up, those beyond by Euler's constant. */
const ADDED_UP = 1024;
const EULER = 0.577_215_664_901_532_9;

const harmonics = new Float64Array(ADDED_UP + 1);
for (let count = 1; count <= ADDED_UP; count += 1)
  harmonics[count] = (harmonics[count - 1] as number) + 1 / count;

function harmonic(count: number): number {
  if (count <= ADDED_UP) return harmonics[count] as number;
  return Math.log(count) + EULER + 1 / (2 * count);
}

/** 0 for a single row or none. */
export function averagePathLength(rows: number): number {
  return rows < 2 ? 0 : 2 * harmonic(rows - 1) - (2 * (rows - 1)) / rows;
}
