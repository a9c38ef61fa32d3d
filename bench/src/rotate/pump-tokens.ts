// Asks a token endpoint for tokens at a steady rate, however long each takes: what is behind is told,
// never made up for in silence.

import { Agent, request } from 'node:http';
import type { Issued } from './judge-messages.ts';

export interface PumpPlan {
  url: string;
  clientId: string;
  clientSecret: string;
  audience: string;
  perSecond: number;
  onToken(issued: Issued): void;
}

export interface Pumped {
  asked: number;
  issued: number;
  /** Answers that were no token, and why: the first ones. */
  failed: string[];
  failures: number;
  /** Tokens that could not be asked for in time, because all connections were busy. */
  behind: number;
  seconds: number;
}

const CONNECTIONS = 48;
const TICK_MS = 4;
const KEPT_FAILURES = 10;

export function pumpTokens(plan: PumpPlan): { stop(): Promise<Pumped> } {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const pumped: Pumped = { asked: 0, issued: 0, failed: [], failures: 0, behind: 0, seconds: 0 };
  const startedMs = performance.now();
  const asking = new Set<Promise<void>>();
  const fail = (why: string): void => {
    pumped.failures += 1;
    if (pumped.failed.length < KEPT_FAILURES) pumped.failed.push(why);
  };
  const ask = (): void => {
    pumped.asked += 1;
    const asked = askOnce(plan, agent).then(
      (issued) => {
        pumped.issued += 1;
        plan.onToken(issued);
      },
      (error: Error) => fail(error.message),
    );
    asking.add(asked);
    void asked.finally(() => asking.delete(asked));
  };
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedMs) / 1000) * plan.perSecond);
    while (pumped.asked + pumped.behind < due) {
      if (asking.size < CONNECTIONS) ask();
      else pumped.behind += 1;
    }
  }, TICK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(asking);
      agent.destroy();
      return { ...pumped, seconds: (performance.now() - startedMs) / 1000 };
    },
  };
}

function askOnce(plan: PumpPlan, agent: Agent): Promise<Issued> {
  const { clientId, clientSecret, audience } = plan;
  const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const form = new URLSearchParams({ grant_type: 'client_credentials', resource: audience });
  return new Promise((resolve, reject) => {
    const asked = request(plan.url, {
      method: 'POST',
      agent,
      headers: {
        authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
    });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(readIssued(text));
        else reject(new Error(`${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    asked.end(form.toString());
  });
}

function readIssued(text: string): Issued {
  const { access_token: token } = JSON.parse(text) as { access_token: string };
  const header = Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('utf8');
  const { kid } = JSON.parse(header) as { kid: string };
  return { token, kid, issuedMs: Date.now() };
}
