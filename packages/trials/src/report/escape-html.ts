// Text that is put into a page says what it says and does nothing.

const NAMED: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' },
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (each) => NAMED[each] ?? '');
}
