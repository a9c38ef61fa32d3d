import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { confinementFlags } from '@countersign/pipe';
import { checkConfinement, findGaps } from './check-confinement.ts';
import { type ConfinementFacts, gatherFacts } from './gather-facts.ts';

const confined: ConfinementFacts = {
  hasPermissionModel: true,
  allowed: [],
  ownFolderWritable: true,
  options: confinementFlags('/data/signer', ['/app']),
  steeringVariables: [],
  inspectorOpen: false,
  writesReports: false,
  coreLimits: [0, 0],
};

describe('the check of confinement', () => {
  it('lets a signer run that was started as the server starts it', () => {
    assert.deepEqual(findGaps(confined), []);
    assert.deepEqual(findGaps({ ...confined, coreLimits: [1, 1] }), []);
    checkConfinement(confined);
  });

  it('lets it have one door for a custody that was asked for, and misses it when it is shut', () => {
    const token = {
      ...confined,
      allowed: ['addon'],
      options: confinementFlags('/data/signer', ['/app'], 'denied', { addons: true }),
      steeringVariables: ['SOFTHSM2_CONF'],
    };
    const cloud = {
      ...confined,
      allowed: ['net'],
      options: confinementFlags('/data/signer', ['/app'], 'denied', { network: true }),
    };
    const asked = { addons: true, network: false };
    const askedCloud = { addons: false, network: true };
    assert.deepEqual(findGaps(token, asked), []);
    assert.deepEqual(findGaps(cloud, askedCloud), []);
    assert.match(findGaps(token).join(), /allows addon.*--allow-addons.*SOFTHSM2_CONF/);
    assert.match(findGaps(cloud).join(), /allows net.*--allow-net/);
    assert.match(findGaps(cloud, asked).join(), /allows net.*needs addon.*--allow-net/);
    assert.match(findGaps(confined, askedCloud).join(), /needs net/);
    const preloaded = { ...token, steeringVariables: ['LD_PRELOAD'] };
    assert.match(findGaps(preloaded, asked).join(), /sets LD_PRELOAD/);
  });

  const without = (option: string): string[] =>
    confined.options.filter((other) => other !== option) as string[];
  const gaps: [string, Partial<ConfinementFacts>, RegExp][] = [
    ['no permission model', { hasPermissionModel: false }, /without --permission/],
    ['the network', { allowed: ['net'] }, /allows net/],
    ['a file elsewhere', { allowed: ['reading /etc/passwd'] }, /allows reading \/etc\/passwd/],
    ['a folder it cannot write', { ownFolderWritable: false }, /cannot be written/],
    [
      'an inspector on SIGUSR1',
      { options: without('--disable-sigusr1') },
      /--disable-sigusr1 is missing/,
    ],
    ['permissions that only warn', { options: without('--permission') }, /--permission is missing/],
    ...[
      '--permission-audit',
      '--inspect',
      '--inspect-brk=0.0.0.0:9229',
      '--allow-net',
      '--allow-addons',
      '--allow-child-process',
      '--allow-worker',
      '--allow-wasi',
      '--allow-ffi',
      '--allow-inspector',
      '--experimental-ffi',
      '--heapsnapshot-signal=SIGUSR2',
      '--heapsnapshot-near-heap-limit=1',
      '--report-on-signal',
      '--report-on-fatalerror',
      '--report-uncaught-exception',
      '--abort-on-uncaught-exception',
      '--cpu-prof',
      '--heap-prof',
      '--require=/tmp/x.js',
      '--import=/tmp/x.js',
      '--env-file=/tmp/x',
      '--openssl-config=/tmp/x',
    ].map((option): [string, Partial<ConfinementFacts>, RegExp] => [
      option,
      { options: [...confined.options, option] },
      / is not allowed/,
    ]),
    ['options in the environment', { steeringVariables: ['NODE_OPTIONS'] }, /sets NODE_OPTIONS/],
    ['an open inspector', { inspectorOpen: true }, /inspector is open/],
    ['diagnostic reports', { writesReports: true }, /reports are on/],
    ['core files now', { coreLimits: [2, 2] }, /core file/],
    ['core files as soon as it asks', { coreLimits: [0, Number.POSITIVE_INFINITY] }, /core file/],
  ];
  for (const [what, changes, gap] of gaps) {
    it(`does not let it run with ${what}`, () => {
      const facts = { ...confined, ...changes };
      assert.equal(findGaps(facts).length, 1);
      assert.throws(() => checkConfinement(facts), { code: 'not_confined', message: gap });
    });
  }

  it('does not name the values of options, which may hold a path', () => {
    const [gap] = findGaps({ ...confined, options: [...confined.options, '--import=/secret'] });
    assert.ok(gap !== undefined && !gap.includes('/secret'));
  });

  it('finds this very process, which is a test run, unfit', () => {
    const facts = gatherFacts('/tmp');
    assert.equal(facts.hasPermissionModel, false);
    assert.ok(facts.allowed.includes('net') && facts.allowed.includes('writing /etc/passwd'));
    assert.throws(() => checkConfinement(facts), { code: 'not_confined' });
  });
});
