// The only script of our pages: asks the browser for a passkey and posts what it answers with the form
// it belongs to. It loads nothing, writes no markup, and keeps nothing. Without it passwords still work.
// Served as it is (serve-scripts.ts), after @simplewebauthn/browser.

(() => {
  const webauthn = globalThis.SimpleWebAuthnBrowser;
  const SLOW = 'That did not work, or took too long. Try again.';
  const HELD = 'This device holds a passkey for this account already.';

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    if (webauthn.browserSupportsWebAuthn()) prepare(form);
    else reveal(document.getElementById('passkey-unsupported'));
  }

  function prepare(form) {
    const field = form.elements.namedItem('passkey');
    field.value = '';
    reveal(form);
    form.addEventListener('submit', (event) => {
      if (field.value !== '') return;
      event.preventDefault();
      void run(form, field);
    });
    if (form.dataset.autofill !== undefined) void offer(form, field);
  }

  async function run(form, field) {
    const button = form.querySelector('button');
    const problem = form.querySelector('[role=alert]');
    problem.hidden = true;
    button.disabled = true;
    try {
      const optionsJSON = JSON.parse(form.dataset.options);
      const answer =
        form.dataset.passkey === 'create'
          ? await webauthn.startRegistration({ optionsJSON })
          : await webauthn.startAuthentication({ optionsJSON });
      send(form, field, answer);
    } catch (error) {
      problem.textContent = error?.name === 'InvalidStateError' ? HELD : SLOW;
      problem.hidden = false;
      button.disabled = false;
    }
  }

  /** The browser offers passkeys where the name is typed; that it has none to offer is no problem. */
  async function offer(form, field) {
    try {
      if (!(await webauthn.browserSupportsWebAuthnAutofill())) return;
      const optionsJSON = JSON.parse(form.dataset.options);
      const answer = await webauthn.startAuthentication({ optionsJSON, useBrowserAutofill: true });
      send(form, field, answer);
    } catch {
      // Nothing was chosen, or the button was pressed instead.
    }
  }

  function send(form, field, answer) {
    field.value = JSON.stringify(answer);
    form.requestSubmit();
  }

  function reveal(element) {
    if (element !== null) element.hidden = false;
  }
})();
