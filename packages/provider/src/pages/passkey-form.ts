// A form that posts what a passkey answered. Hidden until the script found a browser that can ask for
// one; everything else on the page works without.

import { type Html, html } from './html.ts';

export interface PasskeyForm {
  action: string;
  formToken: string;
  /** `get`: one that exists; `create`: a new one. */
  kind: 'get' | 'create';
  /** JSON for the browser: WebAuthn Level 3 §5.1.9, §5.1.10. */
  options: string;
  /** Script elements of the page. */
  scripts: Html;
}

/** @param inside fields and the one button. */
export function passkeyForm(form: PasskeyForm, inside: Html, autofill = false): Html {
  return html`<form method="post" action="${form.action}" data-passkey="${form.kind}"
data-options="${form.options}"${autofill && html` data-autofill`} hidden>
<input type="hidden" name="form_token" value="${form.formToken}">
<input type="hidden" name="passkey" value="" autocomplete="off">
<p class="alert" role="alert" hidden></p>
${inside}
</form>`;
}
