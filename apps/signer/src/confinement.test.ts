import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { confinementFlags } from '@countersign/pipe';
import { newHome, READ_PATHS } from './testing/start-signer.ts';

const PROBE = join(import.meta.dirname, 'testing/probe.ts');

function probe(flags: (folder: string) => string[]): Record<string, string> {
  const home = newHome();
  try {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...flags(home.folder), PROBE, home.folder],
      { env: {}, cwd: home.folder, encoding: 'utf8', timeout: 30_000 },
    );
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Record<string, string>;
  } finally {
    home.remove();
  }
}

/** Not the permission model's doing, but options of their own. */
const OTHER_REFUSALS = new Map([
  ['load an addon', /^ERR_DLOPEN_DISABLED$/],
  ['evaluate text', /^EvalError: Code generation from strings disallowed/],
]);

describe('code that runs where the signer runs', () => {
  it('opens no socket, starts nothing, and reads and writes nowhere but in its folder', () => {
    const confined = probe((folder) => confinementFlags(folder, READ_PATHS));
    const { 'write in its own folder': own, ...deeds } = confined;
    assert.equal(own, 'allowed');
    assert.ok(Object.keys(deeds).length >= 30);
    for (const [deed, outcome] of Object.entries(deeds)) {
      assert.match(outcome, OTHER_REFUSALS.get(deed) ?? /^ERR_ACCESS_DENIED$/, deed);
    }
  });

  it('would do all of it unconfined: the refusals above are the confinement', () => {
    const free = probe(() => []);
    for (const [deed, outcome] of Object.entries(free)) {
      assert.doesNotMatch(outcome, /ERR_ACCESS_DENIED|ERR_DLOPEN_DISABLED|EvalError/, deed);
    }
    for (const deed of ['bind UDP', 'listen on TCP', 'start a process', 'write elsewhere']) {
      assert.equal(free[deed], 'allowed', deed);
    }
  });

  it('with a token may load an addon until its driver is in, and nothing else', () => {
    const opens = { addons: true };
    const { 'write in its own folder': _, ...deeds } = probe((folder) =>
      confinementFlags(folder, READ_PATHS, 'denied', opens),
    );
    for (const [deed, outcome] of Object.entries(deeds)) {
      const refusal = deed === 'load an addon' ? /^ERR_DLOPEN_FAILED$/ : OTHER_REFUSALS.get(deed);
      assert.match(outcome, refusal ?? /^ERR_ACCESS_DENIED$/, deed);
    }
    const script = `process.permission.drop('addon');
      try { process.dlopen({ exports: {} }, '/nowhere.node'); } catch (error) { console.log(error.code); }`;
    const flags = confinementFlags('/nowhere', READ_PATHS, 'denied', opens);
    const { stdout } = spawnSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' });
    assert.equal(stdout, 'ERR_ACCESS_DENIED\n');
  });

  it('with keys in a cloud may use the network, and nothing else', () => {
    const { 'write in its own folder': _, ...deeds } = probe((folder) =>
      confinementFlags(folder, READ_PATHS, 'denied', { network: true }),
    );
    const network = /TCP|UDP|Unix socket|look up|name server|^fetch$/;
    for (const [deed, outcome] of Object.entries(deeds)) {
      if (network.test(deed)) assert.doesNotMatch(outcome, /^ERR_ACCESS_DENIED$/, deed);
      else assert.match(outcome, OTHER_REFUSALS.get(deed) ?? /^ERR_ACCESS_DENIED$/, deed);
    }
  });
});
