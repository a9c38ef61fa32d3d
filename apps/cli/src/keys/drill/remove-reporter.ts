// Takes back what a drill reported with. The drill is none the worse for it when that fails, but a
// credential that goes on is somebody's to end.

import type { Asking } from '../ask-server.ts';

export async function removeReporter(
  { ask }: Pick<Asking, 'ask'>,
  id: string,
  tell: (text: string) => void,
): Promise<void> {
  try {
    await ask(`/reporters/${id}`, { method: 'DELETE' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell(
      `The credential of reporter ${id} may still be in force, it could not be removed: ${reason}\n`,
    );
  }
}
