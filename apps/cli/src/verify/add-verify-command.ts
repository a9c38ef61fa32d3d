// `countersign verify`: one token, every check of the verifier, each in a sentence.

import { type Command, Option } from 'commander';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { parseBaseUrl } from '../http/fetch-json.ts';
import { fetchPolicy, type KnownPolicy, readPolicy } from '../policy/fetch-policy.ts';
import type { CliWorld } from '../world.ts';
import { askContext, type VerifyOptions } from './ask-context.ts';
import { checkToken } from './check-token.ts';
import { describeVerdict } from './describe-verdict.ts';
import { readToken } from './read-token.ts';

const EXAMPLES = `
Examples:
  $ countersign verify - --issuer http://localhost:4600/acme/customer < token.txt
  $ countersign verify - --policy policy.json --audience https://api.acme.example < token.txt
  $ countersign verify - --issuer URL --dpop-proof "$PROOF" --method GET --url https://api/x < token.txt

Give the token on standard input: arguments can be read by every process of this machine.
Without --policy the policy is fetched from the issuer and believed; see \`countersign policy fetch\`.`;

export function addVerifyCommand(program: Command, world: CliWorld, answering: Answering): void {
  const command = program
    .command('verify')
    .description('check a token and explain every check')
    .argument('<token>', 'the compact token, or - for standard input')
    .option('--issuer <url>', 'the issuer that the token must come from')
    .option('--policy <file>', 'a pinned policy; without it the policy is fetched now')
    .option('--audience <audience>', 'who is asked to accept it: the identifier of the resource')
    .addOption(
      new Option('--type <type>', 'what it must be (default: what it says)').choices([
        'access',
        'id',
      ]),
    )
    .option('--tenant <tenant>', 'the tenant that the request is about')
    .option('--scope <scope...>', 'scope that it must grant')
    .option('--dpop-proof <proof>', 'the DPoP proof that came with it')
    .option('--method <method>', 'method of that request', 'GET')
    .option('--url <url>', 'URL of that request')
    .option('--nonce <nonce>', 'the nonce an ID token must carry')
    .addHelpText('after', EXAMPLES)
    .action(async (argument: string, options: VerifyOptions) =>
      answering(command, async () => {
        const claim = await readToken(world, argument);
        const known = await knowPolicy(world, options);
        const asked = askContext(claim, options);
        world.progress.say('checking the token');
        const verdict = await checkToken(claim, known.policy, asked, (doing) =>
          world.progress.say(doing),
        );
        return describeVerdict({ claim, known, asked, verdict, issuer: options.issuer });
      }),
    );
}

async function knowPolicy(world: CliWorld, options: VerifyOptions): Promise<KnownPolicy> {
  const issuer =
    options.issuer === undefined ? undefined : parseBaseUrl(options.issuer, '--issuer');
  if (options.policy !== undefined) return readPolicy(world, options.policy);
  if (issuer === undefined)
    throw cliError('wrong_use', 'Say whose token it must be: --issuer URL, or --policy FILE.');
  world.progress.say(`asking ${issuer.host} for its policy`);
  return fetchPolicy(issuer);
}
