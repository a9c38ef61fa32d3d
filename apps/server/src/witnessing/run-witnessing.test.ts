import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CodedError, type CountersignEvent, ManualClock } from '@countersign/vocabulary';
import { WitnessFailure } from './ask-witness.ts';
import { QuorumAlarm, tellOfWitnesses } from './run-witnessing.ts';

function parts() {
  const clock = new ManualClock();
  const events: CountersignEvent[] = [];
  const lines: string[] = [];
  const note = (level: string) => (_: unknown, text?: string) => lines.push(`${level} ${text}`);
  const log = {
    info: note('info'),
    warn: note('warn'),
    error: note('error'),
    fatal: note('fatal'),
  };
  const audit = {
    record: async (given: readonly CountersignEvent[]) => {
      events.push(...given);
      return [];
    },
  };
  return { clock, events, lines, parts: { audit, clock, log } };
}

describe('the alarm that no quorum sees a log', () => {
  it('is raised once after a minute, on record and in the log, and again after it was over', async () => {
    const { clock, events, lines, parts: given } = parts();
    const witnessing = { origin: 'a/log', witnessedMs: clock.nowMs(), hasQuorum: true };
    const alarm = new QuorumAlarm(witnessing, given as never);
    const ages: number[] = [];
    for (let seconds = 0; seconds < 150; seconds += 1) {
      await alarm.check();
      if (events.length > ages.length) ages.push(seconds);
      clock.advanceMs(1000);
    }
    assert.deepEqual(ages, [61]);
    const [event] = events;
    assert.equal(event?.name, 'log.unwitnessed');
    assert.deepEqual(event?.extra, { origin: 'a/log', ageSeconds: 61 });
    assert.match(lines.join(), /^error No quorum .* a\/log .* 61 s/);

    witnessing.witnessedMs = clock.nowMs();
    await alarm.check();
    assert.match(lines.at(-1) ?? '', /^info .*sees the log again/);
    clock.advanceMs(60_001);
    await alarm.check();
    assert.equal(events.length, 2);
  });

  it('gets on record also when the store is away at first, and so does a disproof', async () => {
    const { clock, events, lines, parts: given } = parts();
    const { record } = given.audit;
    let failures = 3;
    given.audit.record = async (event) => {
      if (failures === 0) return record(event);
      failures -= 1;
      throw new Error('the store is away');
    };
    const witnessing = { origin: 'a/log', witnessedMs: clock.nowMs(), hasQuorum: true };
    clock.advanceMs(60_001);
    const more = { ...given, retryMs: 1 } as never;
    void new QuorumAlarm(witnessing, more).check();
    const error = Object.assign(new Error('A witness holds more.'), { code: 'rollback' });
    tellOfWitnesses('a/log', more).onDisproved('w', error);
    for (let turn = 0; turn < 2000 && events.length < 2; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.deepEqual(events.map(({ name }) => name).sort(), ['log.forked', 'log.unwitnessed']);
    assert.equal(lines.filter((line) => /could not be recorded/.test(line)).length, 2);
  });

  it('is not raised where the policy asks for no quorum', async () => {
    const { clock, events, parts: given } = parts();
    const witnessing = { origin: 'a/log', witnessedMs: clock.nowMs(), hasQuorum: false };
    clock.advanceMs(600_000);
    await new QuorumAlarm(witnessing, given as never).check();
    assert.deepEqual(events, []);
  });
});

describe('what is told of witnesses', () => {
  it('names each way to fail once, not once a second', () => {
    const { lines, parts: given } = parts();
    const { onCosigned, onFailure } = tellOfWitnesses('a/log', given as never);
    for (const code of ['timed_out', 'timed_out', 'refused', 'timed_out'] as const) {
      onFailure('w', new WitnessFailure(code, code));
    }
    assert.equal(lines.length, 3);
    onCosigned('w');
    onCosigned('w');
    onFailure('w', new WitnessFailure('timed_out', 'again'));
    assert.deepEqual(
      lines.slice(3).map((line) => line.split(' ')[0]),
      ['info', 'warn'],
    );
  });

  it('puts on record that a witness proved a rollback', () => {
    const { events, lines, parts: given } = parts();
    const error = Object.assign(new Error('A witness holds more.'), { code: 'rollback' });
    tellOfWitnesses('a/log', given as never).onDisproved('w', error);
    assert.equal(events[0]?.name, 'log.forked');
    assert.equal(events[0]?.reason, 'witness_rollback');
    assert.equal(lines[0], 'fatal A witness holds more.');
  });

  it('leaves it to the supervisor to tell of a notary that is away', () => {
    const { lines, parts: given } = parts();
    const { onFault } = tellOfWitnesses('a/log', given as never);
    const away = new CodedError('peer_gone', 'gone', { retryAfterSeconds: 1 });
    onFault(new Error('a bug'));
    onFault(away);
    assert.equal(lines.filter((line) => line.startsWith('error')).length, 1);
  });
});
