// A browser without a screen, somewhere in the world: keeps cookies, follows redirects until one leaves
// for the application, fills in forms. Where it is says the proxy in front of the server (X-Forwarded-For);
// on the stage that proxy is the scenario itself, on loopback.

/** Where somebody sits, and with what. */
export interface Place {
  ip: string;
  userAgent: string;
  language?: string;
}

export interface Form {
  action: string;
  fields: Record<string, string>;
  /** What our script would hand to the browser: options of WebAuthn as JSON. */
  passkeyOptions?: string;
}

export interface VisitedPage {
  url: string;
  status: number;
  text: string;
  forms: Form[];
}

/** Where the application waits for its answer; nobody listens there. */
export const CALLBACK = 'http://127.0.0.1/callback';

const MOST_REDIRECTS = 12;

export class Visitor {
  readonly place: Place;
  readonly #cookies = new Map<string, string>();

  constructor(place: Place) {
    this.place = place;
  }

  /** What every request of this visitor carries. */
  get headers(): Record<string, string> {
    const { ip, userAgent, language = 'en' } = this.place;
    return {
      'x-forwarded-for': ip,
      'user-agent': userAgent,
      'accept-language': language,
    };
  }

  open(url: string | URL): Promise<VisitedPage> {
    return this.#go(new URL(url), undefined);
  }

  submit(page: VisitedPage, form: Form, values: Record<string, string> = {}): Promise<VisitedPage> {
    return this.#go(
      new URL(form.action, page.url),
      new URLSearchParams({ ...form.fields, ...values }),
    );
  }

  async #go(target: URL, posted: URLSearchParams | undefined): Promise<VisitedPage> {
    let [url, form] = [target, posted];
    for (let hop = 0; hop < MOST_REDIRECTS; hop += 1) {
      const response = await fetch(url, {
        method: form === undefined ? 'GET' : 'POST',
        redirect: 'manual',
        headers: {
          ...this.headers,
          accept: 'text/html',
          cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(form === undefined ? {} : { origin: url.origin }),
        },
        ...(form === undefined ? {} : { body: form }),
      });
      for (const line of response.headers.getSetCookie()) this.#keep(line);
      const location = response.headers.get('location');
      const text = await response.text();
      if (location === null) {
        return { url: url.href, status: response.status, text, forms: readForms(text) };
      }
      [url, form] = [new URL(location, url), undefined];
      if (url.href.startsWith(CALLBACK)) {
        return { url: url.href, status: response.status, text: '', forms: [] };
      }
    }
    throw new Error(`The pages from ${target.pathname} went in circles.`);
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === '') this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

/** The form of a page that has a field, or that asks for a passkey. @throws Error when there is none */
export function formWith(page: VisitedPage, field: string): Form {
  const found = page.forms.find(({ fields }) => field in fields);
  if (found !== undefined) return found;
  const said = page.text.replaceAll(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, ' ');
  throw new Error(`No form with ${field} (${page.status}): ${said.replaceAll(/\s+/g, ' ')}`);
}

function readForms(text: string): Form[] {
  return [...text.matchAll(/<form([^>]*)>([\s\S]*?)<\/form>/g)].map(([, tag = '', body = '']) => {
    const options = attribute(tag, 'data-options');
    return {
      action: attribute(tag, 'action'),
      fields: Object.fromEntries(
        [...body.matchAll(/<input([^>]*)>/g)].map(([, input = '']) => [
          attribute(input, 'name'),
          attribute(input, 'value'),
        ]),
      ),
      ...(options === '' ? {} : { passkeyOptions: options }),
    };
  });
}

const LETTERS = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&' };

function attribute(tag: string, name: string): string {
  const found = new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  return found.replaceAll(
    /&(quot|#39|lt|gt|amp);/g,
    (_, letter: keyof typeof LETTERS) => LETTERS[letter],
  );
}
