import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { escapeHtml, Html, html } from './html.ts';

describe('templates', () => {
  test('whatever text is put in, no tag, attribute or entity comes out of it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const { text: page } = html`<p title="${text}">${text}</p>`;
        assert.equal((page.match(/</g) ?? []).length, 2);
        assert.equal((page.match(/"/g) ?? []).length, 2);
        assert.ok(!/&(?!amp;|lt;|gt;|quot;|#39;)/.test(page));
      }),
    );
  });

  test('templates nest without being escaped twice, lists join, absence leaves nothing', () => {
    const inner = html`<b>${'<'}</b>`;
    assert.equal(
      html`<i>${[inner, ' & ', 3]}${undefined}${false}</i>`.text,
      '<i><b>&lt;</b> &amp; 3</i>',
    );
    assert.ok(inner instanceof Html);
  });

  test('escaping covers the five characters that matter', () => {
    assert.equal(escapeHtml(`<>&"'`), '&lt;&gt;&amp;&quot;&#39;');
  });
});
