// Gets the tlog-policy that a server hands to whoever wants to watch its logs.

import { FormatError, parseTlogPolicy, type TlogPolicy } from '@countersign/verifier';
import { cliError } from '../cli-error.ts';
import { fetchText, isLoopback } from '../http/fetch-json.ts';

export interface FetchedLogPolicy {
  text: string;
  policy: TlogPolicy;
  from: string;
}

/** @throws CodedError `wrong_use`, `server_unreachable`, `server_refused`, `answer_malformed` */
export async function fetchLogPolicy(server: URL): Promise<FetchedLogPolicy> {
  if (server.protocol !== 'https:' && !isLoopback(server))
    throw cliError(
      'wrong_use',
      'A key fetched over plain HTTP can be anyone’s: use https, or --key VKEY.',
    );
  const url = new URL('/api/v1/log-policy', server);
  const text = await fetchText(url);
  try {
    return { text, policy: parseTlogPolicy(text), from: url.href };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw cliError(
      'answer_malformed',
      `${url.host} sent a policy that is refused: ${error.message}`,
    );
  }
}
