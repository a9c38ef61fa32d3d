// What can happen in a simulated house, and how often. Each act that is an attack says what must be
// found because of it.

import { rewriteSignature, sha256 } from '../testing/open-house.ts';
import type { Simulation } from './simulate-house.ts';

type Act = (world: Simulation) => Promise<void>;

/** Tokens in use that have not been revoked. */
async function liveToken(world: Simulation) {
  const build = world.pick(world.issued);
  if (build === undefined) return undefined;
  return (await world.house.audit.isRevoked(build.issued)) ? undefined : build;
}

const honest: Record<string, [number, Act]> = {
  startBuild: [
    10,
    async (world) =>
      world.start({
        ...(world.chance(1, 4) ? { jkt: 'key-a' } : {}),
        ...(world.chance(1, 10) ? { typ: 'logout+jwt' } : {}),
      }),
  ],
  advance: [
    16,
    async (world) => {
      const item = world.pick(world.inFlight);
      if (item !== undefined) await world.advance(item);
    },
  ],
  abandon: [
    2,
    async (world) => {
      const item = world.pick(world.inFlight);
      if (item !== undefined) await world.abandon(item);
    },
  ],
  tick: [
    12,
    async (world) => {
      world.house.clock.advanceMs(world.below(1500));
      await world.settleOverdue();
      await world.house.reconciler.tick();
    },
  ],
  standStill: [
    1,
    async (world) => {
      world.house.clock.advanceMs(60_000);
      await world.house.reconciler.tick();
      await world.settleOverdue();
    },
  ],
  crash: [1, (world) => world.crash()],
  failToSign: [
    1,
    async (world) => {
      // An HSM that numbers and then says no; the build is given up.
      const item = world.pick(world.inFlight);
      if (item === undefined || item.build !== undefined) return;
      item.build = world.house.finish(item.leaf, { facts: item.facts });
      world.house.custody.make(item.build.issued.kid, -1);
      world.house.custody.fail();
      await world.abandon(item);
    },
  ],
  use: [
    8,
    async (world) => {
      const build = await liveToken(world);
      if (build === undefined || build.issued.typ === 'logout+jwt') return;
      const { jkt } = build.issued;
      const uses = [world.house.use(build.token, jkt === undefined ? {} : { jkt })];
      await world.report(uses);
      if (world.chance(1, 3)) await world.report(uses);
    },
  ],
  refresh: [
    2,
    async (world) => {
      const parent = await liveToken(world);
      if (parent === undefined) return;
      const { jtiHash, rootAuthId } = parent.issued;
      world.start({ parentJtiHash: jtiHash, rootAuthId });
    },
  ],
  revoke: [
    2,
    async (world) => {
      const build = await liveToken(world);
      if (build === undefined) return;
      const { jtiHash, realm, rootAuthId } = build.issued;
      const target = world.chance(1, 2) ? { jtiHash } : { realm, rootAuthId };
      await world.house.audit.revoke({ target, reason: 'logout' });
      await world.report([
        world.house.use(build.token, { decision: 'refused', code: 'token_revoked' }),
      ]);
    },
  ],
  rewriteSignature: [
    1,
    async (world) => {
      const build = await liveToken(world);
      if (build === undefined) return;
      const other = rewriteSignature(build.token);
      await world.report([
        world.house.use(other, { decision: 'refused', code: 'receipt_invalid', evidence: other }),
      ]);
    },
  ],
};

const attacks: Record<string, [number, Act]> = {
  forge: [
    2,
    async (world) => {
      const token = world.house.forge({ nonce: world.newId() });
      world.expect.findings.add(`forged token:${sha256(token)}`);
      world.expect.forgeryProven = true;
      const times = 1 + world.below(4);
      for (let shown = 1; shown <= times; shown += 1) {
        world.expect.shown.set(sha256(token), shown);
        await world.report([
          world.house.use(token, { decision: 'refused', code: 'receipt_missing', evidence: token }),
        ]);
        if (world.chance(1, 3)) await world.house.reconciler.tick();
      }
    },
  ],
  strayLeaf: [
    1,
    async (world) => {
      world.expect.strayLeaves.add(world.house.append().index);
    },
  ],
  straySignature: [
    1,
    async (world) => {
      world.expect.straySignatures.add(world.house.sign(world.newId()));
    },
  ],
  signPastTheJournal: [
    1,
    async (world) => {
      world.house.custody.make();
      world.expect.pastTheJournal += 1;
    },
  ],
  bothKeysAndLeaf: [
    1,
    async (world) => {
      const { index, leafHash } = world.house.append();
      world.expect.strayLeaves.add(index);
      const token = world.house.forge({ nonce: world.newId() });
      world.expect.findings.add(`forged token:${sha256(token)}`);
      await world.report([world.house.use(token, { logIndex: index, leafHash })]);
    },
  ],
  useOfDeadToken: [
    2,
    async (world) => {
      const build = world.pick(world.dead);
      if (build === undefined) return;
      const { logIndex, leafHash, tokenHash } = build.issued;
      // The crash may have come after the commit: then it was issued, though nobody got it.
      if ((await world.house.audit.findIssued({ logIndex })) !== undefined) return;
      world.expect.findings.add(`forged token:${tokenHash}`);
      await world.report([world.house.use(build.token, { logIndex, leafHash })]);
    },
  ],
  replay: [
    1,
    async (world) => {
      const build = await liveToken(world);
      if (build === undefined) return;
      world.expect.findings.add(`replayed token:${build.issued.tokenHash}`);
      const once = build.issued.typ === 'logout+jwt';
      const more = once ? {} : { decision: 'refused', code: 'dpop_replayed' };
      const { jkt } = build.issued;
      const bound = jkt === undefined ? {} : { jkt };
      await world.report([
        world.house.use(build.token, { ...bound, ...more }),
        world.house.use(build.token, { ...bound, ...more }),
      ]);
    },
  ],
  steal: [
    1,
    async (world) => {
      const build = await liveToken(world);
      if (build?.issued.jkt === undefined) return;
      world.expect.findings.add(`stolen token:${build.issued.tokenHash}`);
      await world.report([
        world.house.use(build.token, { jkt: 'thief', decision: 'refused', code: 'dpop_mismatch' }),
      ]);
    },
  ],
  wrongAudience: [
    1,
    async (world) => {
      const build = await liveToken(world);
      if (build === undefined) return;
      world.expect.findings.add(`laundered token:${build.issued.tokenHash}`);
      await world.report([
        world.house.use(build.token, { audience: ['https://other.acme.example'] }),
      ]);
    },
  ],
  launder: [
    1,
    async (world) => world.start({ parentJtiHash: `0bad${sha256(world.newId()).slice(4)}` }),
  ],
  lie: [
    1,
    async (world) => {
      world.expect.liarSpoke = true;
      const evidence = `${world.house.forge().slice(0, -8)}AAAAAAAA`;
      await world.report([
        world.house.use(world.newId()),
        world.house.use(evidence, { decision: 'refused', evidence }),
      ]);
    },
  ],
};

const table = [...Object.values(honest), ...Object.values(attacks)];
const total = table.reduce((sum, [weight]) => sum + weight, 0);

/** Chooses one act by weight and does it. */
export async function actAtRandom(world: Simulation): Promise<void> {
  let point = world.below(total);
  for (const [weight, act] of table) {
    point -= weight;
    if (point < 0) return act(world);
  }
}
