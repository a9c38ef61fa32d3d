// Small drawings, inline, hidden from screen readers: the words beside them say it all.

import { html } from './html.ts';

export const warningIcon = html`<svg width="18" height="18" viewBox="0 0 24 24" fill="none"
stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><circle cx="12"
cy="12" r="9.5"/><path d="M12 7.5v5.5m0 3.4v.1"/></svg>`;

export const tickIcon = html`<svg width="18" height="18" viewBox="0 0 24 24" fill="none"
stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"
aria-hidden="true"><path d="m5 12.5 4.6 4.6L19 7.6"/></svg>`;

export const largeTickIcon = html`<svg width="28" height="28" viewBox="0 0 24 24" fill="none"
stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"
aria-hidden="true"><path d="m5 12.5 4.6 4.6L19 7.6"/></svg>`;

export const largeWarningIcon = html`<svg width="28" height="28" viewBox="0 0 24 24" fill="none"
stroke="currentColor" stroke-width="2.2" stroke-linecap="round" aria-hidden="true"><path
d="M12 6.5v7.2m0 3.6v.1"/></svg>`;

export const keyIcon = html`<svg width="20" height="20" viewBox="0 0 24 24" fill="none"
stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"
aria-hidden="true"><circle cx="8" cy="14.5" r="4.5"/><path d="m11.3 11.2 8.2-8.2m-3.6 3.6 3 3"/></svg>`;
