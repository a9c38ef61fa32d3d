import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readTls } from '../tls/read-tls.ts';
import { findImplausible } from './find-implausible.ts';
import { isAheadOfTime } from './newest-version.ts';
import { readAgent } from './read-agent.ts';
import { readHints } from './read-hints.ts';
import { readLanguage } from './read-language.ts';

const NOW = Date.UTC(2026, 10, 1);
const chrome = (version: number, system = 'Windows NT 10.0; Win64; x64', mobile = '') =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 ${mobile}Safari/537.36`;
const PIXEL = chrome(129, 'Linux; Android 10; K', 'Mobile ');
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

const factsOf = (userAgent: string) => {
  const { text: _, ...facts } = readAgent(userAgent);
  return facts;
};
const HINTS = {
  'sec-ch-ua': '"Chromium";v="129", "Not=A?Brand";v="8", "Google Chrome";v="129"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Windows"',
};
const judge = (userAgent: string, hints: Record<string, string> = {}, ja4?: string) =>
  findImplausible(readAgent(userAgent), readHints(hints).hints, readTls(ja4, undefined).facts, NOW);

/** Also halves of characters, and what no text should hold. */
const anyText = fc
  .array(fc.nat(0xffff), { maxLength: 600 })
  .map((codes) => String.fromCharCode(...codes));

describe('a user agent', () => {
  test('is browser, system and kind of device; what is frozen in all of them is no fact', () => {
    assert.deepEqual(factsOf(chrome(129)), {
      ...{ browser: 'Chrome', browserVersion: '129', os: 'Windows', device: 'desktop' },
    });
    assert.deepEqual(factsOf(SAFARI), {
      ...{ browser: 'Safari', browserVersion: '17', os: 'macOS', device: 'desktop' },
    });
    assert.deepEqual(factsOf(IPHONE), {
      ...{ browser: 'Safari', browserVersion: '17', os: 'iOS', osVersion: '17', device: 'mobile' },
    });
    assert.deepEqual(factsOf(PIXEL), {
      ...{ browser: 'Chrome', browserVersion: '129', os: 'Android', device: 'mobile' },
    });
  });

  test('of a program says which, and that nobody sits before it', () => {
    assert.deepEqual(factsOf('curl/8.5.0'), {
      browser: 'curl',
      browserVersion: '8',
      device: 'bot',
    });
    for (const text of ['python-requests/2.31.0', 'Go-http-client/2.0', 'node', 'axios/1.7.2']) {
      assert.equal(readAgent(text).device, 'bot', text);
    }
    assert.equal(readAgent('Mozilla/5.0 (compatible; Googlebot/2.1)').device, 'bot');
    assert.deepEqual(factsOf('x'), { device: 'unknown' });
  });

  test('of any content is read without a throw, the same each time, and is cut', () => {
    const pieces = fc.array(
      fc.constantFrom(
        'Mozilla/5.0 ',
        '(',
        ')',
        ';',
        ' ',
        'Chrome/',
        '9'.repeat(40),
        'Android ',
        'a/',
      ),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(fc.oneof(anyText, pieces), (sent) => {
        const text = Array.isArray(sent) ? sent.join('') : sent;
        const facts = readAgent(text);
        assert.deepEqual(readAgent(text), facts);
        assert.ok(facts.text.length <= 512);
        assert.ok((facts.browser ?? '').length <= 64 && (facts.browserVersion ?? '').length <= 6);
      }),
    );
  });

  test('that was met is remembered as one object that cannot be changed, and in bounds', () => {
    const first = readAgent(SAFARI);
    assert.equal(readAgent(SAFARI), first);
    assert.ok(Object.isFrozen(first));
    for (let other = 0; other < 4096; other += 1) readAgent(`curl/${other}`);
    assert.notEqual(readAgent(SAFARI), first);
  });
});

describe('client hints', () => {
  test('are read strictly: what is no structured value is no hint, and that is said', () => {
    const { hints, malformed } = readHints(HINTS);
    assert.equal(malformed, false);
    assert.deepEqual([hints.brands?.get('Google Chrome'), hints.mobile], [129, false]);
    assert.equal(readHints({ 'sec-ch-ua': '"a, b";v="1", "\\"c\\\\";v="2.0.1"' }).malformed, false);
    for (const bad of [
      'Chrome;v="1"',
      '"Chrome"',
      '"Chrome";v=129',
      '"a";v="1",,',
      '"',
      '"a";v="1',
      '',
    ]) {
      assert.equal(readHints({ 'sec-ch-ua': bad }).malformed, true, bad);
    }
    for (const bad of ['true', '?2', '1']) {
      assert.deepEqual(readHints({ 'sec-ch-ua-mobile': bad }), { hints: {}, malformed: true });
    }
    assert.equal(readHints({ 'sec-ch-ua-platform': '"x'.repeat(400) }).malformed, true);
  });

  test('of any content never throw', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        readHints(Object.fromEntries(Object.keys(HINTS).map((name) => [name, value])));
      }),
    );
  });
});

describe('what contradicts itself', () => {
  test('is nothing of what honest browsers send', () => {
    for (const [userAgent, hints] of [
      [chrome(129), HINTS],
      [chrome(129), {}],
      [SAFARI, {}],
      [IPHONE, {}],
      [PIXEL, { ...HINTS, 'sec-ch-ua-mobile': '?1', 'sec-ch-ua-platform': '"Android"' }],
      [
        chrome(129, 'X11; CrOS x86_64 14541.0.0'),
        { ...HINTS, 'sec-ch-ua-platform': '"Chrome OS"' },
      ],
      [chrome(129), { ...HINTS, 'sec-ch-ua-platform': '"Unknown"' }],
    ] as const) {
      assert.deepEqual(
        judge(userAgent, hints, 't13d1516h2_8daaf6152771_02713d6af862'),
        [],
        userAgent,
      );
    }
  });

  test('is said by a closed code', () => {
    assert.deepEqual(judge(SAFARI, HINTS), ['platform_contradicts', 'browser_contradicts']);
    assert.deepEqual(judge(chrome(131), HINTS), ['browser_contradicts']);
    assert.deepEqual(judge(chrome(129), { ...HINTS, 'sec-ch-ua-mobile': '?1' }), [
      'mobile_contradicts',
    ]);
    assert.deepEqual(judge(PIXEL, { 'sec-ch-ua-mobile': '?0' }), ['mobile_contradicts']);
    assert.deepEqual(judge(chrome(900)), ['version_ahead_of_time']);
    assert.deepEqual(judge(chrome(129), {}, 't11d1516h2_8daaf6152771_02713d6af862'), [
      'tls_contradicts',
    ]);
    assert.deepEqual(judge(chrome(129), {}, 't13d151600_8daaf6152771_02713d6af862'), [
      'tls_contradicts',
    ]);
    assert.deepEqual(judge(chrome(129).replace('Chrome', 'HeadlessChrome')), ['automated']);
  });

  test('a version is ahead of time only beyond what early channels have', () => {
    for (const [version, year, month] of [
      [80, 2020, 2],
      [94, 2021, 9],
      [120, 2023, 11],
      [131, 2024, 10],
      [142, 2025, 10],
    ] as const) {
      const thenMs = Date.UTC(year, month, 1);
      assert.equal(isAheadOfTime('chromium', version + 2, thenMs), false, String(version));
      assert.equal(isAheadOfTime('chromium', version + 25, thenMs), true, String(version));
    }
    assert.equal(isAheadOfTime('firefox', 133, Date.UTC(2024, 10, 1)), false);
    assert.equal(isAheadOfTime('firefox', 200, Date.UTC(2024, 10, 1)), true);
  });
});

test('facts of TLS are held to their grammar', () => {
  const { facts } = readTls(
    't13d1516h2_8daaf6152771_02713d6af862',
    'TLSv1.3 TLS_AES_128_GCM_SHA256',
  );
  assert.equal(facts.ja4, 't13d1516h2_8daaf6152771_02713d6af862');
  assert.equal(facts.tls, 'TLSv1.3 TLS_AES_128_GCM_SHA256');
  for (const bad of [
    '',
    'x',
    't13d1516h2_8daaf6152771_02713d6af86',
    't13d1516h2',
    'T13D1516H2_8daaf6152771_02713d6af862\n',
  ]) {
    const read = readTls(bad, `${bad}!`);
    assert.deepEqual([read.facts, read.ja4Malformed, read.tlsMalformed], [{}, true, true], bad);
  }
});

test('the language asked for first is the one of the highest weight', () => {
  for (const [header, language] of [
    ['de-AT,de;q=0.9,en;q=0.8', 'de-at'],
    ['en;q=0.5, nb', 'nb'],
    ['*', undefined],
    ['de;q=0', undefined],
    ['<script>', undefined],
    [undefined, undefined],
  ] as const) {
    assert.equal(readLanguage(header), language, String(header));
  }
});
