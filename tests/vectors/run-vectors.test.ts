import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createVerifier, REFUSAL_CODES } from '@countersign/verifier';
import { build } from 'esbuild';
import { writeVectors } from './generate.ts';
import { POLICY_FILE } from './zoo/all-files.ts';
import type { World } from './zoo/build-world.ts';
import { judgeVector, openVerifier } from './zoo/judge-vector.ts';
import type { Vector } from './zoo/vector.ts';

const folder = join(import.meta.dirname, 'tokens');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const world = JSON.parse(read(POLICY_FILE)) as World;
const vectors = readdirSync(folder)
  .filter((name) => name.endsWith('.json') && name !== POLICY_FILE)
  .map((name) => JSON.parse(read(name)) as Vector);
const forged = vectors.filter(({ expect }) => expect.outcome === 'refused');
const genuine = vectors.filter(({ expect }) => expect.outcome === 'accepted');

/** Each vector before a verifier of its own, so that none helps another. */
async function judgeAlone(create: typeof createVerifier, some: Vector[]): Promise<string[]> {
  const faults: (string | undefined)[] = [];
  for (const vector of some) {
    const verifier = openVerifier(create, world, vector.nowMs);
    faults.push(await judgeVector(verifier, vector));
    await verifier.close();
  }
  return faults.filter((fault) => fault !== undefined);
}

/** All before one verifier, whose memories are warm: a memory must never change a verdict. */
async function judgeTogether(create: typeof createVerifier, some: Vector[]): Promise<string[]> {
  const verifier = openVerifier(create, world, world.nowMs);
  const faults: (string | undefined)[] = [];
  for (const vector of some) faults.push(await judgeVector(verifier, vector));
  await verifier.close();
  return faults.filter((fault) => fault !== undefined);
}

/** The same source as a worker or a browser gets it: bundled for WebCrypto, without Node. */
async function bundleForWeb(): Promise<typeof createVerifier> {
  const out = mkdtempSync(join(tmpdir(), 'countersign-web-'));
  try {
    const outfile = join(out, 'verifier.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, '../../packages/verifier/src/index.ts')],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      logLevel: 'silent',
    });
    assert.doesNotMatch(readFileSync(outfile, 'utf8'), /from "node:|require\(/);
    const module = (await import(pathToFileURL(outfile).href)) as {
      createVerifier: typeof createVerifier;
    };
    return module.createVerifier;
  } finally {
    rmSync(out, { recursive: true });
  }
}

describe('the forged-token zoo', () => {
  it('holds at least 60 forged tokens and 8 genuine ones', () => {
    assert.ok(forged.length >= 60, `${forged.length} forged`);
    assert.ok(genuine.length >= 8, `${genuine.length} genuine`);
  });

  it('is exactly what its generator writes, byte for byte', () => {
    const fresh = mkdtempSync(join(tmpdir(), 'countersign-zoo-'));
    try {
      writeFileSync(join(fresh, 'no-more.json'), '{}');
      assert.equal(writeVectors(fresh), vectors.length + 1);
      assert.deepEqual(readdirSync(folder).sort(), readdirSync(fresh).sort());
      for (const name of readdirSync(fresh)) {
        assert.equal(read(name), readFileSync(join(fresh, name), 'utf8'), name);
      }
    } finally {
      rmSync(fresh, { recursive: true });
    }
  });

  it('describes each vector in a sentence, and shows no two the same token in the same way', () => {
    const seen = new Map<string, string>();
    for (const { name, what, token, context, shown, nowMs } of vectors) {
      assert.match(what, /^[A-Za-z"'].{10,}[.]$/, name);
      const shape = JSON.stringify([token, context, shown, nowMs]);
      assert.equal(seen.get(shape), undefined, `${name} repeats another`);
      seen.set(shape, name);
    }
  });

  it('expects only codes that the verifier has', () => {
    for (const { name, expect } of forged) {
      assert.ok(expect.outcome === 'refused');
      assert.ok((REFUSAL_CODES as readonly string[]).includes(expect.code), name);
    }
  });

  it('is judged as expected, one by one', async () => {
    assert.deepEqual(await judgeAlone(createVerifier, vectors), []);
  });

  it('is judged as expected by a verifier that has seen it all before', async () => {
    // A proof may be used once; those vectors are judged alone above.
    const again = vectors.filter(
      ({ nowMs, context }) => nowMs === world.nowMs && context.http?.dpopProof === undefined,
    );
    const thrice = [...again, ...again.toReversed(), ...again];
    assert.deepEqual(await judgeTogether(createVerifier, thrice), []);
  });

  it('is judged the same where there is only WebCrypto', async () => {
    assert.deepEqual(await judgeAlone(await bundleForWeb(), vectors), []);
  });
});

describe('the canary: the zoo can fail', () => {
  const wrong = async (vector: Vector | undefined, expect: Vector['expect']) => {
    assert.ok(vector !== undefined);
    return judgeAlone(createVerifier, [{ ...vector, expect }]);
  };
  const accepted = { outcome: 'accepted', subject: 'alice', logIndex: 1, issuedMs: 1 } as const;
  const refused = { outcome: 'refused', code: 'token_expired', alarm: false } as const;

  it('when a forged token is expected to pass', async () => {
    assert.equal((await wrong(forged[0], accepted)).length, 1);
  });

  it('when a genuine token is expected to be refused', async () => {
    assert.equal((await wrong(genuine[0], refused)).length, 1);
  });

  it('when the code, the alarm, the subject or the place in the log is another', async () => {
    const alarming = vectors.find(({ name }) => name === 'receipt-missing');
    const quiet = { outcome: 'refused', code: 'receipt_missing', alarm: false } as const;
    assert.equal((await wrong(alarming, quiet)).length, 1);
    assert.equal((await wrong(alarming, refused)).length, 1);
    assert.equal((await wrong(genuine[0], accepted)).length, 1);
  });

  it('when a verifier accepts everything', async () => {
    const gullible = (() => ({
      verifyToken: async () => ({ claims: { sub: 'alice' } }),
      close: async () => undefined,
    })) as unknown as typeof createVerifier;
    const faults = await judgeAlone(gullible, forged);
    assert.equal(faults.length, forged.length);
  });
});
