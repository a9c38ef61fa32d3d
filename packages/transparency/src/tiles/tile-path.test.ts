import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { formatTilePath, parseTilePath, partialFolder } from './tile-path.ts';

describe('a tile path', () => {
  it('is spelled as C2SP tlog-tiles spells it', () => {
    const spelled = (index: number, width = 256) => formatTilePath({ level: 0, index, width });
    assert.equal(spelled(0), 'tile/0/000');
    assert.equal(spelled(999), 'tile/0/999');
    assert.equal(spelled(1000), 'tile/0/x001/000');
    assert.equal(spelled(1_234_067), 'tile/0/x001/x234/067');
    assert.equal(spelled(273, 112), 'tile/0/273.p/112');
    assert.equal(formatTilePath({ level: 'entries', index: 5, width: 1 }), 'tile/entries/005.p/1');
    assert.equal(partialFolder({ level: 2, index: 1000 }), 'tile/2/x001/000.p');
  });

  it('comes back from its text', () => {
    const places = fc.record({
      level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const)),
      index: fc.nat(2 ** 45),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(places, (place) => {
        assert.deepEqual(parseTilePath(formatTilePath(place)), { ...place });
      }),
    );
  });

  it('is refused in every other spelling', () => {
    const wrong = [
      'tile/0/000.p/0',
      'tile/0/000.p/256',
      'tile/0/000.p/01',
      'tile/0/000.p/',
      'tile/0/000.p/300',
      'tile/64/000',
      'tile/01/000',
      'tile/-1/000',
      'tile/0/0',
      'tile/0/1000',
      'tile/0/001/000',
      'tile/0/x001',
      'tile/0/x001/x000',
      'tile/0/x000/001',
      'tile/0/../checkpoint',
      'tile/0/x001/../000',
      '/tile/0/000',
      'tile/0/000/',
      'tile/0/000\n',
      'tile//000',
      'tile/entries',
      'tile/ENTRIES/000',
      'checkpoint',
      'tile/0/x999/x999/x999/x999/x999/x999/999',
    ];
    for (const path of wrong) assert.equal(parseTilePath(path), undefined, path);
  });
});
