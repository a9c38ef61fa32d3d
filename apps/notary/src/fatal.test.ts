import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { encodeLeafEntry } from '@countersign/verifier';
import { NotaryHome } from './testing/notary-home.ts';

const home = new NotaryHome();
after(() => home.delete());

function entry(): Uint8Array {
  const issuedMs = Date.now();
  const commitment = new Uint8Array(32).fill(1);
  return encodeLeafEntry({ type: 'id', issuedMs, expiresAtSeconds: 0, commitment });
}

describe('a notary whose log can no longer be trusted', () => {
  it('ends its process and says why, and starts again over what is there', async () => {
    const { notary, child, lines } = home.start();
    await notary.append(entry());
    const head = join(home.folder, 'head');
    const mine = readFileSync(head);
    // Both copies gone: as after a failed write, nobody knows what the disk holds.
    writeFileSync(head, Buffer.alloc(mine.length));
    await notary.append(entry()).catch(() => undefined);
    const [code] = await once(child, 'exit');
    assert.equal(code, 1);
    assert.match(lines.join('\n'), /The notary stopped\. head_corrupt/);

    const refused = home.start([]);
    await once(refused.child, 'exit');
    assert.match(refused.lines.join('\n'), /did not start\. head_corrupt/);
    writeFileSync(head, mine);
    const again = home.start([]);
    assert.ok((await again.notary.size()).durableSize >= 1);
    await again.stop();
  });
});
